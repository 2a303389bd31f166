// SPDX-License-Identifier: Apache-2.0
// The schema of clusterbmcd.yaml: every key, its type, range, default and meaning. The
// checker, `-p` and the manual walk it; main hands the values to the parts.
#include "config.h"

#include <syslog.h>

#include "bmc/model.h"
#include "conf/conf.h"

#define PORT(k, d, text)                                                              \
	{                                                                             \
		.key = (k), .type = BMC_CONF_INT, .min = 0, .max = 65535, .def = (d), \
		.reload = BMC_RELOAD_RESTART, .doc = (text),                          \
	}

/* clang-format off */
static const struct bmc_name log_levels[] = {
	{ LOG_ERR, "err" }, { LOG_WARNING, "warning" }, { LOG_NOTICE, "notice" },
	{ LOG_INFO, "info" }, { LOG_DEBUG, "debug" }, { 0, NULL },
};
static const struct bmc_name backends[] = { { 0, "unix" }, { 1, "file" }, { 0, NULL } };
static const struct bmc_name allow_deny[] = { { 0, "deny" }, { 1, "allow" }, { 0, NULL } };
static const struct bmc_name roles[] = {
	{ 0, "ReadOnly" }, { 1, "Operator" }, { 2, "Administrator" }, { 0, NULL },
};
static const struct bmc_name client_uses[] = {
	{ 0, "none" }, { 1, "optional" }, { 2, "required" }, { 0, NULL },
};
static const struct bmc_name client_names[] = {
	{ 0, "CommonName" }, { 1, "UserPrincipalName" }, { 0, NULL },
};
static const struct bmc_name auths[] = {
	{ 0, "sha256" }, { 1, "sha384" }, { 2, "sha512" }, { 3, "sha224" }, { 4, "sha1" }, { 0, NULL },
};
static const struct bmc_name privs[] = { { 0, "aes256" }, { 1, "aes192" }, { 2, "aes128" }, { 0, NULL } };
static const struct bmc_name versions[] = { { 3, "v3" }, { 2, "v2c" }, { 0, NULL } };

static const struct bmc_conf_item file_items[] = {
	{ .key = "dir", .type = BMC_CONF_TEXT, .min = 1, .max = 200, .reload = BMC_RELOAD_RESTART,
	  .doc = "Folder of the helper's own accounts, readable by it alone; passwords in it are hashed (yescrypt). Required with `backend: file`; under systemd, name it in ReadWritePaths of clusterbmc-priv.service too. A line that can't be read refuses its own account only; the damaged file is kept as NAME.damaged-SECONDS when the next change replaces it." },
	{ .key = NULL },
};

static const struct bmc_conf_item helper_items[] = {
	{ .key = "spawn", .type = BMC_CONF_BOOL, .def = "false", .reload = BMC_RELOAD_RESTART,
	  .doc = "The daemon forks the helper itself (the demo) rather than connect to the service." },
	{ .key = "socket", .type = BMC_CONF_TEXT, .min = 1, .max = 107, .def = BMC_RUNDIR "/priv.sock", .reload = BMC_RELOAD_RESTART,
	  .doc = "The Unix socket on which clusterbmc-priv listens." },
	{ .key = "backend", .type = BMC_CONF_ENUM, .def = "unix", .names = backends, .reload = BMC_RELOAD_RESTART,
	  .doc = "Where accounts live: the system's own (unix), or a password file of the helper (file)." },
	{ .key = "file", .type = BMC_CONF_SECTION, .def = "{}", .items = file_items, .reload = BMC_RELOAD_RESTART,
	  .doc = "The file backend." },
	{ .key = "pam_service", .type = BMC_CONF_TEXT, .min = 1, .max = 32, .def = "clusterbmc", .reload = BMC_RELOAD_RESTART,
	  .doc = "PAM's service name." },
	{ .key = "pam_dir", .type = BMC_CONF_TEXT, .min = 1, .max = 200, .reload = BMC_RELOAD_RESTART,
	  .doc = "Folder with PAM's service files, instead of /etc/pam.d." },
	{ .key = "system", .type = BMC_CONF_ENUM, .def = "deny", .names = allow_deny, .reload = BMC_RELOAD_RESTART,
	  .doc = "Whether the helper may change the machine itself: host name, clock, NTP, reboot, and through systemd-networkd the static addresses of interfaces. Under systemd the first two need the drop-in that clusterbmc-priv.service shows; none needs the network that the unit takes away (PrivateNetwork)." },
	{ .key = NULL },
};

static const struct bmc_conf_item listener_items[] = {
	{ .key = "address", .type = BMC_CONF_TEXT, .min = 1, .max = 45, .def = "127.0.0.1", .reload = BMC_RELOAD_RESTART,
	  .doc = "Numeric address; `*`: all, IPv4 and IPv6. Without TLS only a loopback address." },
	{ .key = "port", .type = BMC_CONF_INT, .min = 1, .max = 65535, .reload = BMC_RELOAD_RESTART,
	  .doc = "TCP port." },
	{ .key = "tls", .type = BMC_CONF_BOOL, .def = "true", .reload = BMC_RELOAD_RESTART,
	  .doc = "Serve over TLS." },
	{ .key = "path", .type = BMC_CONF_TEXT, .min = 2, .max = 100, .reload = BMC_RELOAD_RESTART,
	  .doc = "Instead of address, port and TLS: the absolute path of a Unix socket, which any local user may connect to; under systemd in /run/clusterbmcd. A client that runs as root is an Administrator there without logging in; any other logs in as usual." },
	{ .key = NULL },
};

static const struct bmc_conf_item http_items[] = {
	PORT("https_port", "443", "Port of Redfish over TLS; 0: none."),
	PORT("http_port", "0", "Port of Redfish without TLS, on the loopback address only; 0: none."),
	{ .key = "bind", .type = BMC_CONF_TEXT, .min = 1, .max = 45, .def = "*", .reload = BMC_RELOAD_RESTART,
	  .doc = "Address on which https_port listens; `*`: all, IPv4 and IPv6." },
	{ .key = "listeners", .type = BMC_CONF_LIST, .max = 16, .items = listener_items, .reload = BMC_RELOAD_RESTART,
	  .doc = "Further places to listen on." },
	{ .key = "certificate", .type = BMC_CONF_TEXT, .min = 1, .max = 200, .reload = BMC_RELOAD_LIVE,
	  .doc = "Certificate chain (PEM), the server's own first; SIGHUP takes a changed file. Without it one is made in the state folder, and again 30 days before its end." },
	{ .key = "key", .type = BMC_CONF_TEXT, .min = 1, .max = 200, .reload = BMC_RELOAD_LIVE,
	  .doc = "The certificate's private key (PEM)." },
	{ .key = "client_ca", .type = BMC_CONF_TEXT, .min = 1, .max = 200, .reload = BMC_RELOAD_LIVE,
	  .doc = "Certificates (PEM) of the authorities that sign clients' certificates; SIGHUP takes a changed file." },
	{ .key = "client_certificates", .type = BMC_CONF_ENUM, .def = "none", .names = client_uses, .reload = BMC_RELOAD_LIVE,
	  .doc = "Whether clients are asked for a certificate over TLS. One that an authority of `client_ca` signed is a login as the account that it names, unless the request brings other credentials; `required`: without one nothing is answered." },
	{ .key = "client_certificate_name", .type = BMC_CONF_ENUM, .def = "CommonName", .names = client_names, .reload = BMC_RELOAD_LIVE,
	  .doc = "What of it names the account: the subject's common name, or the user principal name up to its `@`." },
	{ .key = "threads", .type = BMC_CONF_INT, .min = 1, .max = 16, .def = "2", .reload = BMC_RELOAD_RESTART,
	  .doc = "Serving threads." },
	{ .key = "max_connections", .type = BMC_CONF_INT, .min = 8, .max = 10000, .def = "512", .reload = BMC_RELOAD_RESTART,
	  .doc = "Connections at a time, of all listeners over TLS, and of all without it. An eighth is for addresses from which a client authenticated in the last day." },
	{ .key = "max_connections_per_address", .type = BMC_CONF_INT, .min = 4, .max = 10000, .def = "128", .reload = BMC_RELOAD_RESTART,
	  .doc = "Connections at a time from one IPv4 address or IPv6 network of 64 bits, or of one user of a Unix socket, over TLS and without it." },
	{ .key = "handshakes_per_address", .type = BMC_CONF_INT, .min = 0, .max = 10000, .def = "40", .reload = BMC_RELOAD_RESTART,
	  .doc = "TLS handshakes a second from one IPv4 address or IPv6 network of 64 bits, once it has used up `handshake_burst`; what is over it is closed unanswered. 0: no limit." },
	{ .key = "handshake_burst", .type = BMC_CONF_INT, .min = 1, .max = 100000, .def = "2000", .reload = BMC_RELOAD_RESTART,
	  .doc = "TLS handshakes that an address may make at once after a quiet time." },
	{ .key = "max_header", .type = BMC_CONF_INT, .min = 1024, .max = 65536, .def = "8KiB", .unit = "bytes", .reload = BMC_RELOAD_RESTART,
	  .doc = "Longest request line and headers together; a URI takes half of it at most." },
	{ .key = "max_body", .type = BMC_CONF_INT, .min = 4096, .max = 16777216, .def = "256KiB", .unit = "bytes", .reload = BMC_RELOAD_LIVE,
	  .doc = "Longest request body of a client that is logged in; 4 KiB for any other. One that is coded with gzip is held to it inflated." },
	{ .key = "request_timeout", .type = BMC_CONF_INT, .min = 1000, .max = 300000, .def = "15s", .unit = "ms", .reload = BMC_RELOAD_RESTART,
	  .doc = "Time in which the headers of a request have to arrive, and in which its body, and the answer while it is read, have to make progress: by 1 KiB, or for images by a byte in four times as long." },
	{ .key = "idle_timeout", .type = BMC_CONF_INT, .min = 1000, .max = 900000, .def = "60s", .unit = "ms", .reload = BMC_RELOAD_RESTART,
	  .doc = "A connection without a request is closed after this." },
	{ .key = "session_timeout", .type = BMC_CONF_INT, .min = 30, .max = 86400, .def = "30m", .unit = "s", .reload = BMC_RELOAD_LIVE,
	  .doc = "A session that is not used ends after this, until a user sets another time." },
	{ .key = NULL },
};

static const struct bmc_conf_item community_items[] = {
	{ .key = "name", .type = BMC_CONF_TEXT, .min = 1, .max = 64, .def = "!", .secret = true,
	  .doc = "The community, which is its own password." },
	{ .key = "actor", .type = BMC_CONF_TEXT, .min = 1, .max = 31,
	  .doc = "What tasks and the audit call it; without it community1, community2 ..." },
	{ .key = "role", .type = BMC_CONF_ENUM, .def = "ReadOnly", .names = roles,
	  .doc = "What it may do." },
	{ .key = "view", .type = BMC_CONF_TEXT, .min = 1, .max = 31,
	  .doc = "What it may see: one of `views`. Without it the whole of CLUSTER-BMC-MIB." },
	{ .key = NULL },
};

static const struct bmc_conf_item user_items[] = {
	{ .key = "name", .type = BMC_CONF_TEXT, .min = 1, .max = 31, .def = "!",
	  .doc = "The USM user." },
	{ .key = "auth", .type = BMC_CONF_ENUM, .def = "sha256", .names = auths,
	  .doc = "Authentication protocol." },
	{ .key = "auth_passphrase", .type = BMC_CONF_TEXT, .min = 8, .max = 128, .def = "!", .secret = true,
	  .doc = "Authentication passphrase." },
	{ .key = "priv", .type = BMC_CONF_ENUM, .def = "aes256", .names = privs,
	  .doc = "Encryption protocol." },
	{ .key = "priv_passphrase", .type = BMC_CONF_TEXT, .min = 8, .max = 128, .def = "!", .secret = true,
	  .doc = "Encryption passphrase." },
	{ .key = "role", .type = BMC_CONF_ENUM, .def = "ReadOnly", .names = roles,
	  .doc = "What the user may do." },
	{ .key = "view", .type = BMC_CONF_TEXT, .min = 1, .max = 31,
	  .doc = "What the user may see: one of `views`. Without it the whole of CLUSTER-BMC-MIB." },
	{ .key = NULL },
};

static const struct bmc_conf_item view_items[] = {
	{ .key = "name", .type = BMC_CONF_TEXT, .min = 1, .max = 31, .def = "!",
	  .doc = "What communities and users call it." },
	{ .key = "include", .type = BMC_CONF_WORDS, .max = 64, .def = "!",
	  .doc = "OIDs of the subtrees that are seen." },
	{ .key = "exclude", .type = BMC_CONF_WORDS, .max = 64,
	  .doc = "OIDs of the subtrees that are left out of those." },
	{ .key = NULL },
};

static const struct bmc_conf_item receiver_items[] = {
	{ .key = "host", .type = BMC_CONF_TEXT, .min = 1, .max = 200, .def = "!",
	  .doc = "Host name or address of the receiver." },
	{ .key = "port", .type = BMC_CONF_INT, .min = 1, .max = 65535, .def = "162",
	  .doc = "Its UDP port." },
	{ .key = "version", .type = BMC_CONF_ENUM, .def = "v3", .names = versions,
	  .doc = "Protocol version." },
	{ .key = "community", .type = BMC_CONF_TEXT, .min = 1, .max = 64, .secret = true,
	  .doc = "The community to send with v2c." },
	{ .key = "user", .type = BMC_CONF_TEXT, .min = 1, .max = 31,
	  .doc = "The user (of `users`) to send as with v3." },
	{ .key = "inform", .type = BMC_CONF_BOOL, .def = "false",
	  .doc = "Send informs, which are repeated until the receiver answers, rather than traps." },
	{ .key = NULL },
};

static const struct bmc_conf_item snmp_items[] = {
	PORT("port", "161", "UDP port; 0: no SNMP."),
	{ .key = "bind", .type = BMC_CONF_TEXT, .min = 1, .max = 45, .def = "*", .reload = BMC_RELOAD_RESTART,
	  .doc = "Address to listen on; `*`: all, IPv4 and IPv6." },
	{ .key = "enterprise_oid", .type = BMC_CONF_TEXT, .min = 3, .max = 100, .def = BMC_ENTERPRISE_OID, .reload = BMC_RELOAD_RESTART,
	  .doc = "What CLUSTER-BMC-MIB hangs below. 32473 is the number for examples: get your own for production." },
	{ .key = "engine_id", .type = BMC_CONF_TEXT, .min = 10, .max = 64, .reload = BMC_RELOAD_RESTART,
	  .doc = "Engine id in hexadecimal digits. Without it one is made at the first start and kept." },
	{ .key = "max_message", .type = BMC_CONF_INT, .min = 484, .max = 65507, .def = "1472", .unit = "bytes", .reload = BMC_RELOAD_RESTART,
	  .doc = "Longest answer. More than 1472 is cut into fragments on an Ethernet." },
	{ .key = "source_rate", .type = BMC_CONF_INT, .min = 0, .max = 1073741824, .def = "64KiB", .unit = "bytes", .reload = BMC_RELOAD_RESTART,
	  .doc = "Bytes in each second with which the budget of a source (an IPv4 address, the /64 of an IPv6 address) refills; 0: no limits. The budget pays for answers to v1, v2c and unauthenticated v3 requests that are more than three times as long as the request: the source of those may be forged. Without budget a GETBULK gets one repetition, and an answer that is still longer is not sent." },
	{ .key = "source_burst", .type = BMC_CONF_INT, .min = 0, .max = 1073741824, .def = "1MiB", .unit = "bytes", .reload = BMC_RELOAD_RESTART,
	  .doc = "The budget when it is full. A walk of a whole R2 by GETBULK takes 256 KiB of it." },
	{ .key = "exempt", .type = BMC_CONF_WORDS, .max = 64, .reload = BMC_RELOAD_RESTART,
	  .doc = "Networks of managers without such limits, as 192.0.2.0/24 or 2001:db8::/32; sources in them should be impossible to forge. Their v3 requests with a wrong digest are not slowed down either." },
	{ .key = "views", .type = BMC_CONF_LIST, .max = 32, .items = view_items, .reload = BMC_RELOAD_LIVE,
	  .doc = "Parts of the tree that communities and users can be held to." },
	{ .key = "communities", .type = BMC_CONF_LIST, .max = 16, .items = community_items, .reload = BMC_RELOAD_LIVE,
	  .doc = "v2c communities. None: v2c is off." },
	{ .key = "users", .type = BMC_CONF_LIST, .max = 32, .items = user_items, .reload = BMC_RELOAD_LIVE,
	  .doc = "v3 users; all authenticate and encrypt." },
	{ .key = "receivers", .type = BMC_CONF_LIST, .max = 16, .items = receiver_items, .reload = BMC_RELOAD_LIVE,
	  .doc = "Who gets the notifications." },
	{ .key = NULL },
};

static const struct bmc_conf_item tasks_items[] = {
	{ .key = "keep", .type = BMC_CONF_INT, .min = 10, .max = 10000, .def = "1000", .reload = BMC_RELOAD_RESTART,
	  .doc = "Ended tasks that are kept; the oldest go first." },
	{ .key = "keep_for", .type = BMC_CONF_INT, .min = 60000, .max = 31536000000, .def = "720h", .unit = "ms", .reload = BMC_RELOAD_RESTART,
	  .doc = "Time after which an ended task is removed, with its parts." },
	{ .key = NULL },
};

static const struct bmc_conf_item history_items[] = {
	{ .key = "samples", .type = BMC_CONF_INT, .min = 0, .max = 2880, .def = "120", .reload = BMC_RELOAD_RESTART,
	  .doc = "Samples that are kept of each reading; 0: none. Each takes 4 bytes; all together never more than 4 MiB (with the defaults that is room for 8,192 readings)." },
	{ .key = "interval", .type = BMC_CONF_INT, .min = 1000, .max = 3600000, .def = "10s", .unit = "ms", .reload = BMC_RELOAD_RESTART,
	  .doc = "Time between two samples." },
	{ .key = NULL },
};

static const struct bmc_conf_item events_items[] = {
	{ .key = "subscriptions", .type = BMC_CONF_INT, .min = 1, .max = 1000, .def = "200", .reload = BMC_RELOAD_RESTART,
	  .doc = "Subscriptions at most, open streams among them." },
	{ .key = "streams", .type = BMC_CONF_INT, .min = 0, .max = 200, .def = "32", .reload = BMC_RELOAD_RESTART,
	  .doc = "Streams of events (SSE) that are open at once, at most." },
	{ .key = "streams_per_user", .type = BMC_CONF_INT, .min = 0, .max = 200, .def = "8", .reload = BMC_RELOAD_RESTART,
	  .doc = "Streams of one user that are open at once, at most." },
	{ .key = "timeout", .type = BMC_CONF_INT, .min = 1000, .max = 120000, .def = "10s", .unit = "ms", .reload = BMC_RELOAD_RESTART,
	  .doc = "Time in which a receiver has to take an event." },
	{ .key = "retries", .type = BMC_CONF_INT, .min = 0, .max = 100, .def = "3", .reload = BMC_RELOAD_RESTART,
	  .doc = "How often an event that was not taken is sent again, until a user sets it (DeliveryRetryAttempts)." },
	{ .key = "retry_interval", .type = BMC_CONF_INT, .min = 1000, .max = 3600000, .def = "30s", .unit = "ms", .reload = BMC_RELOAD_RESTART,
	  .doc = "Time between two such attempts, in whole seconds, until a user sets it (DeliveryRetryIntervalSeconds)." },
	{ .key = "ca", .type = BMC_CONF_TEXT, .min = 1, .max = 255, .reload = BMC_RELOAD_RESTART,
	  .doc = "File with the CA certificates that receivers' certificates are checked by (PEM), instead of the system's." },
	{ .key = NULL },
};

static const struct bmc_conf_item state_items[] = {
	{ .key = "events_keep", .type = BMC_CONF_INT, .min = 1000, .max = 100000, .def = "10000", .reload = BMC_RELOAD_RESTART,
	  .doc = "Events that are kept in the database; the oldest go first. The first page of Redfish's log has the last 1000." },
	{ .key = "max_size", .type = BMC_CONF_INT, .min = 8388608, .max = 1073741824, .def = "32MiB", .unit = "bytes", .reload = BMC_RELOAD_RESTART,
	  .doc = "Size of the database file that is never exceeded; its write-ahead log takes 1 MiB more, for moments as much as is written at once. When it is reached the older half of the events is removed; what does not fit then is refused as on a full disk. With the defaults events take 1.5 MB as a rule and 10 MiB at most, tasks 5 MiB at most. A larger file shrinks some seconds after the start." },
	{ .key = NULL },
};

static const struct bmc_conf_item instance_items[] = {
	{ .key = "name", .type = BMC_CONF_TEXT, .min = 1, .max = BMC_ID_MAX - 1, .def = "!", .reload = BMC_RELOAD_INSTANCE,
	  .doc = "What the platform file's `sources` and `verbs` call it." },
	{ .key = "plugin", .type = BMC_CONF_TEXT, .min = 1, .max = 31, .def = "!", .reload = BMC_RELOAD_INSTANCE,
	  .doc = "The plugin it is made of." },
	{ .key = "poll", .type = BMC_CONF_INT, .min = 50, .max = 3600000, .def = "1s", .unit = "ms", .reload = BMC_RELOAD_INSTANCE,
	  .doc = "Time between two readings of the plugin's quick, local values." },
	{ .key = "poll_deadline", .type = BMC_CONF_INT, .min = 100, .max = 600000, .def = "10s", .unit = "ms", .reload = BMC_RELOAD_INSTANCE,
	  .doc = "Time in which a quick reading has to end; one that does not quarantines its instance until it does: its values are unknown." },
	{ .key = "probe", .type = BMC_CONF_INT, .min = 100, .max = 3600000, .def = "10s", .unit = "ms", .reload = BMC_RELOAD_INSTANCE,
	  .doc = "Time between two slow readings of each board." },
	{ .key = "probe_deadline", .type = BMC_CONF_INT, .min = 100, .max = 600000, .def = "5s", .unit = "ms", .reload = BMC_RELOAD_INSTANCE,
	  .doc = "Time in which a slow reading has to end." },
	{ .key = "stale", .type = BMC_CONF_INT, .min = 0, .max = 86400000, .def = "60s", .unit = "ms", .reload = BMC_RELOAD_INSTANCE,
	  .doc = "What it said longer ago than this is not believed any more; 0: for ever." },
	{ .key = "settings", .type = BMC_CONF_ANY, .def = "{}", .reload = BMC_RELOAD_INSTANCE,
	  .doc = "The plugin's own settings; see its page." },
	{ .key = NULL },
};

const struct bmc_conf_item bmc_conf_schema[] = {
	{ .key = "platform", .type = BMC_CONF_TEXT, .min = 1, .max = 200, .def = "!", .reload = BMC_RELOAD_RESTART,
	  .doc = "The platform file: what sits where in this chassis. Relative to this file." },
	{ .key = "state_dir", .type = BMC_CONF_TEXT, .min = 1, .max = 200, .def = BMC_STATEDIR, .reload = BMC_RELOAD_RESTART,
	  .doc = "Folder for the database, SNMP's own state and the certificate made here." },
	{ .key = "plugin_dir", .type = BMC_CONF_TEXT, .min = 1, .max = 200, .def = BMC_PLUGINDIR, .reload = BMC_RELOAD_RESTART,
	  .doc = "Folder of the plugins that are not built in." },
	{ .key = "user", .type = BMC_CONF_TEXT, .min = 0, .max = 31, .def = BMC_USER, .reload = BMC_RELOAD_RESTART,
	  .doc = "The user the daemon becomes when it is started as root." },
	{ .key = "log_level", .type = BMC_CONF_ENUM, .def = "info", .names = log_levels, .reload = BMC_RELOAD_LIVE,
	  .doc = "Lines of lower importance are not logged." },
	{ .key = "hang_timeout", .type = BMC_CONF_INT, .min = 20000, .max = 3600000, .def = "60s", .unit = "ms", .reload = BMC_RELOAD_LIVE,
	  .doc = "When a serving thread has not run for so long the daemon starts again; after half of it the service manager's watchdog is not fed." },
	{ .key = "test", .type = BMC_CONF_BOOL, .def = "false", .reload = BMC_RELOAD_RESTART,
	  .doc = "For tests only, never in service: the environment's CLUSTERBMC_CRASH_AT=N kills the daemon after its N-th journal entry, and who is connected to the socket test.sock in the state_dir keeps new values from being published." },
	{ .key = "helper", .type = BMC_CONF_SECTION, .def = "{}", .items = helper_items, .reload = BMC_RELOAD_RESTART,
	  .doc = "The root helper, clusterbmc-priv." },
	{ .key = "http", .type = BMC_CONF_SECTION, .def = "{}", .items = http_items, .reload = BMC_RELOAD_RESTART,
	  .doc = "The web server: Redfish." },
	{ .key = "snmp", .type = BMC_CONF_SECTION, .def = "{}", .items = snmp_items, .reload = BMC_RELOAD_RESTART,
	  .doc = "The SNMP agent." },
	{ .key = "tasks", .type = BMC_CONF_SECTION, .def = "{}", .items = tasks_items, .reload = BMC_RELOAD_RESTART,
	  .doc = "The task list." },
	{ .key = "events", .type = BMC_CONF_SECTION, .def = "{}", .items = events_items, .reload = BMC_RELOAD_RESTART,
	  .doc = "Who is told of events over Redfish: receivers of pushed events and streams." },
	{ .key = "history", .type = BMC_CONF_SECTION, .def = "{}", .items = history_items, .reload = BMC_RELOAD_RESTART,
	  .doc = "The last values of readings, for plots; in memory only." },
	{ .key = "state", .type = BMC_CONF_SECTION, .def = "{}", .items = state_items, .reload = BMC_RELOAD_RESTART,
	  .doc = "The database of events, tasks, sessions and settings." },
	{ .key = "instances", .type = BMC_CONF_LIST, .min = 1, .max = 64, .def = "!", .items = instance_items, .reload = BMC_RELOAD_INSTANCE,
	  .doc = "Plugins at work, in the order in which their word counts." },
	{ .key = NULL },
};
/* clang-format on */
