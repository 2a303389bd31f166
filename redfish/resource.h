// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <jansson.h>

#include "bmc/model.h"
#include "core/model/service.h"

/* What a Redfish resource is: a table. A file in resources/ declares one resource (and
 * its collection) as const data; GET, PATCH, DELETE, Allow, ETag, collections, links
 * and actions are derived from it here. To add one: write resources/NAME.c, name its
 * tables in list.h, add the file to Makefile.inc.
 *
 * A URI pattern holds at most a few placeholders, each a kind's name: the last one
 * names the row that the resource shows, those before it rows that contain it
 * ("container": the nearest board, blade or chassis); text may follow one in its
 * segment
 * ("{fan}-speed"). The URI of a row is computed from
 * the pattern, so a request is right exactly when computing its row's URI gives the URI
 * back. */

struct bmc_snapshot;
struct rf_request;
struct rf_resource;
struct rf_render; /* a resource being made: opaque to resources */
struct rf_view;   /* what it is made from: opaque to resources  */

enum rf_how {
	RF_HOW_FIELD, /* the row's member at `offset`                              */
	RF_HOW_TEXT,  /* the constant `text`                                       */
	RF_HOW_NUM,   /* the constant `num`                                        */
	RF_HOW_BOOL,  /* the constant `num`                                        */
	RF_HOW_NULL,  /* null                                                      */
	RF_HOW_LIST,  /* []                                                        */
	RF_HOW_LINK,  /* {"@odata.id": text}; a leading "." is the resource's URI  */
	RF_HOW_SAME,  /* link to the same row (or what holds it) as the first of `to`
			 that fits */
	RF_HOW_URI,   /* the URI that RF_HOW_SAME links to, as a text               */
	RF_HOW_UP,    /* link to the row's parent                                  */
	RF_HOW_DOWN,  /* links to the rows whose parent is this row                */
	RF_HOW_ALL,   /* links to all rows of `to`                                 */
	RF_HOW_EACH,  /* an object for each row that `each` selects                */
	RF_HOW_FN,    /* what `fn` makes (new reference); NULL: left out           */
};

enum rf_prop_flag {
	RF_PATCH = 1u << 0,            /* a PATCH may set it                          */
	RF_OMIT = 1u << 1,             /* left out when unknown, instead of null      */
	RF_PRESENT = 1u << 2,          /* left out of an empty slot                   */
	RF_OR_ID = 1u << 3,            /* the row's id when unknown                   */
	RF_INTEGER = 1u << 4,          /* rounded to a whole number                   */
	RF_GIB = 1u << 5,              /* bytes in 2^30                               */
	RF_FALSE_IF_UNKNOWN = 1u << 6, /* the schema allows no null                   */
	RF_CLOCK = 1u << 7,      /* a running time: no part of the settings' ETag */
	RF_TEXTS = 1u << 8,      /* of FN in an Oem object: an array of texts   */
	RF_STRING = 1u << 9,     /* of FN in an Oem object: its value is a text */
	RF_ONE_VALUE = 1u << 10, /* a PATCH of it changes nothing             */
	RF_TEXT_IF_UNKNOWN = 1u << 11, /* of FIELD: `text`; the schema allows no null */
};

struct bmc_action;

/* Elements of an array of objects: the rows of `kind` below the resource's row. */
struct rf_each {
	enum bmc_kind kind;
	bool (*where)(const struct bmc_row *row); /* NULL: all */
	const struct rf_prop *props;
	bool children; /* the row's own children only, as plain objects without a
			  MemberId; without any the array is left out */
};

/** One property. `path`: "A/B", "A[]" appends to an array, "A[0]/B" is in its first
 * object. */
struct rf_prop {
	const char *path;
	enum rf_how how;
	uint32_t flags;
	size_t offset;
	int64_t num;
	const char *text;             /* of FN: what it means, in an Oem object */
	const struct bmc_name *names; /* Redfish's words of an enumeration or number */
	const struct rf_resource *const *to;
	const struct rf_each *each;
	json_t *(*fn)(struct rf_render *r);
	/** A PATCH that is no plain setting: fills `act` and returns 0; or returns 1:
	 * it is valid, and is called again with `act` NULL to do it, once all of the
	 * PATCH is known to be; or a negative error. */
	int (*set)(struct rf_request *q, const json_t *value, struct bmc_action *act);
	/** Whether the service has it at all; NULL: always. Any thread. */
	bool (*shown)(void);
};

/* A parameter of an action or of a POST to a collection. */
struct rf_param {
	const char *name; /* NULL ends the table */
	json_type type;   /* JSON_TRUE stands for both booleans */
	bool required;
};
#define RF_PARAMS_MAX 24

struct rf_action {
	const char *name; /* "ComputerSystem.Reset"; NULL ends the table */
	const struct rf_param *params;
	/** Values in the order of `params`, NULL where not given. Returns as rf_handle.
	 */
	int (*run)(struct rf_request *q, const json_t *const *args);
	/** Mask of 1 << enum bmc_action_op for ResetType; NULL: no such parameter. */
	uint32_t (*allowed)(struct rf_view *v, const struct bmc_row *row);
};

enum rf_resource_flag {
	RF_UNAUTHENTICATED = 1u << 0, /* may be read without a login                  */
	RF_DELETE = 1u << 1,          /* its row can be removed                       */
	RF_VOLATILE = 1u << 2,        /* shows more than the snapshot: never cached   */
	RF_INLINE = 1u << 3,          /* a collection that holds its members whole    */
	RF_SELF_ACCESS = 1u << 4, /* its account may read it, and change it in part   */
	RF_CREATE_UNAUTHENTICATED = 1u << 6, /* POST without a login: a login itself  */
	RF_NO_ID = 1u << 7, /* a collection that makes its Members itself             */
};

struct rf_resource {
	const char *uri;
	const char *type;            /* "Chassis.v1_28_0.Chassis" */
	const char *name;            /* NULL: a property sets Name */
	const struct rf_prop *props; /* may be NULL; ends with a NULL path */
	const struct rf_resource *const *members; /* a collection of these */
	uint32_t newest; /* of the rows of a log only so many last ones are members, so
			  that one that was listed is still there when it is read; 0:
			  all */
	const struct rf_action *actions;
	/* POST to a collection */
	const struct rf_param *create_params;
	int (*create)(struct rf_request *q, const json_t *const *args);
	/** Instead of `create`, of what a deep POST may make too: checks the member
	 * that `args` describe and fills the action that adds it (its params are the
	 * caller's), or adds messages. `above`: the action that adds what it is to be
	 * below; NULL: that is q->row. */
	void (*draft)(struct rf_request *q, const json_t *const *args,
		      const struct bmc_action *above, struct bmc_action *act);
	/** Adds the messages for q->result, of the member with this body that was not
	 * added. NULL: what the error means. */
	void (*refused)(struct rf_request *q, const json_t *body);
	int (*raw)(
		struct rf_request *q); /* answers GET by itself: no Redfish resource */
	/** Answers GET where not all that is asked for is in the snapshot; RF_DONE
	 * without a status: all of it is. NULL: it always is. */
	int (*stored)(struct rf_request *q, size_t skip, size_t top);
	int (*remove)(struct rf_request *q); /* NULL with RF_DELETE: BMC_ACT_REMOVE */
	/** Whether the row has this resource; NULL: always. May read the row's values.
	 */
	bool (*exists)(struct rf_view *v, const struct bmc_row *row);
	uint32_t privileges; /* to read, any of; 0: as the privilege registry says */
	uint32_t flags;
	/** With a URI that ends with "*": whether there is one with this end. NULL: it
	 * answers by itself. */
	bool (*known)(const char *id);
	/** Such a resource as a member: writes the end of the URI of member `i`; false:
	 * there are no more. */
	bool (*member_id)(size_t i, char ret[BMC_ID_MAX]);
};

#define RF_AT(s, m) .offset = offsetof(struct s, m)
#define RF_FIELD(p, s, m, ...)                                             \
	{                                                                  \
		.path = (p), .how = RF_HOW_FIELD, RF_AT(s, m), __VA_ARGS__ \
	}
#define RF_TEXT(p, t, ...)                                                \
	{                                                                 \
		.path = (p), .how = RF_HOW_TEXT, .text = (t), __VA_ARGS__ \
	}
#define RF_NUM(p, n)                                       \
	{                                                  \
		.path = (p), .how = RF_HOW_NUM, .num = (n) \
	}
#define RF_BOOL(p, n)                                       \
	{                                                   \
		.path = (p), .how = RF_HOW_BOOL, .num = (n) \
	}
#define RF_NULL(p)                              \
	{                                       \
		.path = (p), .how = RF_HOW_NULL \
	}
#define RF_LIST(p)                              \
	{                                       \
		.path = (p), .how = RF_HOW_LIST \
	}
#define RF_LINK(p, t)                                        \
	{                                                    \
		.path = (p), .how = RF_HOW_LINK, .text = (t) \
	}
#define RF_TO(...)                          \
	(const struct rf_resource *const[]) \
	{                                   \
		__VA_ARGS__, NULL           \
	}
#define RF_SAME(p, ...)                                                   \
	{                                                                 \
		.path = (p), .how = RF_HOW_SAME, .to = RF_TO(__VA_ARGS__) \
	}
#define RF_NONE                             \
	(const struct rf_resource *const[]) \
	{                                   \
		NULL                        \
	}
/* the Sensor that an excerpt is of */
#define RF_SOURCE(p, ...)                                                \
	{                                                                \
		.path = (p), .how = RF_HOW_URI, .to = RF_TO(__VA_ARGS__) \
	}
#define RF_UP(p, ...)                                                   \
	{                                                               \
		.path = (p), .how = RF_HOW_UP, .to = RF_TO(__VA_ARGS__) \
	}
#define RF_DOWN(p, ...)                                                   \
	{                                                                 \
		.path = (p), .how = RF_HOW_DOWN, .to = RF_TO(__VA_ARGS__) \
	}
#define RF_ALL(p, ...)                                                   \
	{                                                                \
		.path = (p), .how = RF_HOW_ALL, .to = RF_TO(__VA_ARGS__) \
	}
#define RF_EACH(p, e)                                        \
	{                                                    \
		.path = (p), .how = RF_HOW_EACH, .each = (e) \
	}
#define RF_FN(p, f, ...)                                              \
	{                                                             \
		.path = (p), .how = RF_HOW_FN, .fn = (f), __VA_ARGS__ \
	}
/* In which of the bays, slots ... of what holds it. */
#define RF_PLACE(type)                                       \
	RF_TEXT("Location/PartLocation/LocationType", type), \
		RF_FN("Location/PartLocation/LocationOrdinalValue", rf_place)
/* Status of any row, and its label */
#define RF_STATUS(s)                             \
	RF_FIELD("Status/State", s, row.status), \
		RF_FIELD("Status/Health", s, row.health, .flags = RF_PRESENT)
/* ... and what is bad with it. Once for a row: at its main resource and its chassis. */
#define RF_STATUS_CONDITIONS(s) \
	RF_STATUS(s), RF_EACH("Status/Conditions", &rf_conditions)
#define RF_NAMED(s) RF_FIELD("Name", s, name, .flags = RF_OR_ID)
/* clang-format off */
#define RF_LOCATOR(s) \
	RF_FIELD("LocationIndicatorActive", s, locator, .flags = RF_PATCH | RF_PRESENT | RF_OMIT)
/* clang-format on */

extern const struct rf_each rf_conditions;

/* Redfish's words, where they are not the core's. */
extern const struct bmc_name rf_reset_names[], rf_board_state_names[],
	rf_adb_state_names[], rf_drive_protocols[];

/** All resources; ends with NULL. */
extern const struct rf_resource *const rf_resources[];

/* ---- reading ---- */

/* A body is cached until something changes that it was made from. So a resource's
 * functions get rows only from here: what they are given and what they ask for is
 * noted. */

/** The row that is shown: the resource's, or an element's. Borrowed; its values are
 *  noted. NULL for a resource without a row. */
const struct bmc_row *rf_row(const struct rf_render *r);
/** The last segment of the resource's URI. Borrowed. */
const char *rf_id(const struct rf_render *r);
/** What the body is made from. */
struct rf_view *rf_view_of(struct rf_render *r);
/** The rows of a kind, borrowed; their set and all their values are noted. */
size_t rf_rows(struct rf_view *v, enum bmc_kind kind,
	       const struct bmc_row *const **ret);
/** What holds the row, or NULL. Borrowed; its values are noted. */
const struct bmc_row *rf_parent(struct rf_view *v, const struct bmc_row *row);

/** The rows of a kind that this row holds, borrowed; which there are is noted, not
 * their values. */
size_t rf_children(struct rf_view *v, const struct bmc_row *row, enum bmc_kind kind,
		   const struct bmc_row *const **ret);
/** Notes that the values of a row of rf_children() count. */
void rf_note(struct rf_view *v, const struct bmc_row *row);
/** Whether the row is main or a part of main. Which board that is only a new
 *  configuration changes, and that empties the cache: nothing is noted. */
bool rf_of_main(struct rf_view *v, const struct bmc_row *row);

/** How bodies are written. */
#define RF_JSON_FLAGS (JSON_COMPACT | JSON_REAL_PRECISION(10))

/** The value of one property (new reference), or NULL: left out. */
json_t *rf_value(struct rf_render *r, const struct rf_prop *p);
/** {"@odata.id": uri}, a new reference. */
json_t *rf_link(const char *uri);
/** The row's number among its like. */
json_t *rf_place(struct rf_render *r);
/** A link to a row's resource (new reference), or NULL when it has none. */
json_t *rf_link_row(struct rf_render *r, const struct rf_resource *res,
		    const struct bmc_row *row);
/** Puts `value` (stolen) at `path` of an object, making what is above it. */
int rf_put(json_t *root, const char *path, json_t *value);
/** ResetType's words for a mask of 1 << enum bmc_action_op, a new array. */
json_t *rf_reset_words(uint32_t allowed);
/** "2026-08-21T10:00:00Z" for a BMC_TIME. */
void rf_time(int64_t boottime, char ret[32]);

/* ---- URIs ---- */

#define RF_URI_MAX 256

/** The kind of the pattern's last placeholder, or BMC_N_KINDS. */
enum bmc_kind rf_kind(const struct rf_resource *res);
/** Finds the resource and row of a URI (without trailing slash). NULL: none. */
const struct rf_resource *rf_route(const struct bmc_snapshot *s, const char *uri,
				   const struct bmc_row **ret_row);
/** Writes the Allow header of a resource (or of one of its actions). */
void rf_allow(const struct rf_resource *res, bool action, char ret[64]);
