// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/plugin.h"

/* What only root may do, as the core sees it. agent/priv/client.c implements it over
 * the socket to clusterbmc-priv. Lines, pwms and storage are named by their ordinal in
 * the platform file (bmc_platform_line() ...), which the helper reads for itself. All
 * calls wait for the helper's answer up to `deadline` (BMC_TIME) and may be made from
 * any thread but main. */

/* An input line has changed, after its debounce time. */
struct bmc_edge {
	uint32_t line; /* ordinal */
	bool active;
	bool resync; /* read, not reported: edges before it may be lost, or there were
			none */
	int64_t at;  /* us of CLOCK_BOOTTIME */
};

/** Called on a thread of the port's own, one call at a time; what it does to the core
 * it posts to the main loop. It may call the helper, but not `watch`. While it runs, up
 * to 256 edges wait; when there are more, all inputs are read and delivered with
 * `resync`. */
typedef void bmc_edge_fn(void *arg, const struct bmc_edge *edge);

struct bmc_hardware_ops {
	/** `job` names the step: a repeat with the same number is answered, not done
	 * again. An input is BMC_ENOTSUP. */
	int (*line_set)(uint64_t job, uint32_t line, bool active, int64_t deadline,
			struct bmc_error *err);
	int (*line_pulse)(uint64_t job, uint32_t line, int64_t deadline,
			  struct bmc_error *err);
	/** 1 active, 0 not. */
	int (*line_read)(uint32_t line, int64_t deadline, struct bmc_error *err);
	/** 1: the pulse with this number was done (the helper remembers the last
	 * 4,096); 0: it was not; BMC_ENOTFOUND: the helper has been restarted since,
	 * can't know. */
	int (*line_was_pulsed)(uint64_t job, int64_t deadline, struct bmc_error *err);
	/** The one watcher of all inputs, NULL: none. It is called first with the level
	 * of each input, and again with all of them after a restart of the helper.
	 * Returns at once, and no call to the watcher before is under way then. */
	void (*watch)(bmc_edge_fn *edge, void *arg);
	/** Sets a duty (1/1000 percent, 0..100000) for `hold_ms` (500..3600000) at
	 * most: the helper goes to full speed unless it is set again by then, and at
	 * once when the daemon is gone. */
	int (*pwm_set)(uint32_t pwm, int64_t duty, uint32_t hold_ms, int64_t deadline,
		       struct bmc_error *err);
	/** The duty that the hardware has. */
	int (*pwm_read)(uint32_t pwm, int64_t deadline, struct bmc_error *err);
	/** Opens a block device: a descriptor, which the caller closes. For writing it
	 * is opened exclusively: BMC_EBUSY while it is mounted or otherwise in use;
	 * BMC_EPERM when the platform file does not make it writable. */
	int (*storage_open)(uint32_t storage, bool write, int64_t deadline,
			    struct bmc_error *err);
	int (*smart)(unsigned dev_major, unsigned dev_minor, struct bmc_smart *ret,
		     int64_t deadline, struct bmc_error *err);
	/** Gives an interface a static IPv4 address (network byte order; `gateway` 0:
	 * none), or with `address` 0 takes it back. BMC_EPERM where the configuration
	 * does not allow it, BMC_ENOTSUP where the network is not systemd-networkd's.
	 */
	int (*address_set)(const char *interface, uint32_t address, unsigned prefix,
			   uint32_t gateway, int64_t deadline, struct bmc_error *err);
	/** Sets the machine's clock, in milliseconds since 1970. BMC_EPERM where the
	 * helper's configuration does not allow it. */
	int (*clock_set)(int64_t wall_ms, int64_t deadline, struct bmc_error *err);
	/** Gives systemd-timesyncd its servers (core/base/ntp.h's list; NULL: as they
	 * are) and switches it on (1) or off (0; -1: as it is): both or, with an error,
	 * nothing. BMC_EPERM as above, BMC_ENOTSUP where timesyncd is not there. */
	int (*ntp_set)(const char *servers, int enabled, int64_t deadline,
		       struct bmc_error *err);
	/** Restarts the machine; returns before it does. BMC_EPERM as above. */
	int (*restart)(int64_t deadline, struct bmc_error *err);
};

/** Set once by the helper client's init; NULL: no helper, lines answer BMC_ENOTSUP. */
extern const struct bmc_hardware_ops *bmc_hardware;
