// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "conf/conf.h"
#include "core/plugin/instance.h"

/* The daemon's whole configuration: clusterbmcd.yaml, the platform file it names, and
 * the parts of both that belong to plugins. Loaded in one piece or not at all: by the
 * start, `clusterbmcd -t`, SIGHUP, and by clusterbmc-priv, which reads the same files
 * for itself.
 *
 * A config is counted: what keeps something borrowed from it (an instance its
 * settings, the core the platform) holds a reference, so that a reload may leave it as
 * it is. */

/* One entry of `instances`. */
struct bmc_config_instance {
	const struct bmc_plugin *plugin; /* NULL when loaded without plugins */
	struct bmc_instance_conf conf;   /* what bmc_instance_start() takes  */
	const struct bmc_conf *tree;
};

struct bmc_config {
	unsigned refs;
	char *path; /* of clusterbmcd.yaml */
	struct bmc_conf_file *file, *platform_file;
	const struct bmc_conf *root; /* checked by bmc_conf_schema */
	struct bmc_platform *platform;
	struct bmc_config_instance *instances;
	size_t n_instances;
};

/** Loads a plugin by name; bmc_plugin_load() is one. */
typedef int bmc_plugin_loader(const char *dir, const char *name,
			      const struct bmc_plugin **ret, struct bmc_error *err);

/** Loads and checks everything. `load` NULL (the helper): what belongs to plugins stays
 *  unchecked. Errors name file and line. Owned by the caller: unref. Main thread. */
int bmc_config_load(const char *path, bmc_plugin_loader *load, struct bmc_config **ret,
		    struct bmc_error *err);
struct bmc_config *bmc_config_ref(struct bmc_config *c);
/** Accepts and returns NULL. */
struct bmc_config *bmc_config_unref(struct bmc_config *c);

/** A path as clusterbmcd.yaml means it: relative to its own folder. `buf` takes it. */
int bmc_config_resolve(const struct bmc_config *c, const char *path, char *buf,
		       size_t size);

/* What a reload changes. Both are called in the order of the new file. */
struct bmc_config_changes {
	/** A key such as "http.https_port" or "snmp.users"; the platform file is
	 * "platform". */
	void (*key)(void *arg, const char *key, enum bmc_reload needs);
	/** An instance: made (`was` NULL), ended (`is` NULL), or to be recreated. */
	void (*instance)(void *arg, const struct bmc_config_instance *was,
			 const struct bmc_config_instance *is);
	void *arg;
};
/** Reports how `is` differs from `was`. What is equal is not mentioned. */
void bmc_config_diff(const struct bmc_config *was, const struct bmc_config *is,
		     const struct bmc_config_changes *changes);

/** The manual's list of all keys (`clusterbmcd --dump-conf-doc`). `plugins` ends with
 * NULL. */
void bmc_config_doc(const struct bmc_plugin *const *plugins, FILE *out);
