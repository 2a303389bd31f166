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
static const struct bmc_name tls_versions[] = { { 0, "tls1.2" }, { 1, "tls1.0" }, { 0, NULL } };
static const struct bmc_name set_roles[] = {
	{ 0, "none" }, { 1, "Operator" }, { 2, "Administrator" }, { 0, NULL },
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
static const struct bmc_name privs[] = {
	{ 0, "aes256" }, { 1, "aes192" }, { 2, "aes128" }, { 3, "none" }, { 0, NULL },
};
static const struct bmc_name versions[] = { { 3, "v3" }, { 2, "v2c" }, { 1, "v1" }, { 0, NULL } };

static const struct bmc_name anonymous_readers[] = {
	{ 0, "no" }, { 1, "loopback" }, { 2, "yes" }, { 0, NULL },
};

static const struct bmc_name fetch_addresses[] = {
	{ 0, "public" }, { 1, "private" }, { 2, "any" }, { 0, NULL },
};

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
	  .doc = "Certificates (PEM) of the authorities that sign clients' certificates, beside those that are added over Redfish; SIGHUP takes a changed file." },
	{ .key = "client_certificates", .type = BMC_CONF_ENUM, .def = "none", .names = client_uses, .reload = BMC_RELOAD_LIVE,
	  .doc = "Whether clients are asked for a certificate over TLS. One that an authority signed, of `client_ca` or added over Redfish, is a login as the account that it names, one that was added to an account as that account, unless the request brings other credentials; `required` (with `client_ca` only): without one nothing is answered." },
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
	{ .key = "webui", .type = BMC_CONF_TEXT, .min = 1, .max = 200, .def = BMC_DATADIR "/webui", .reload = BMC_RELOAD_RESTART,
	  .doc = "Folder of the web pages, which are served without a login at `/` (its index.html) and below /ui; `off`: none. Where it has no index.html, `/` is a page that links to the Redfish service." },
	{ .key = NULL },
};

static const struct bmc_conf_item shell_items[] = {
	{ .key = "max", .type = BMC_CONF_INT, .min = 0, .max = 64, .def = "32", .reload = BMC_RELOAD_RESTART,
	  .doc = "Shells that are open at a time; 0: there are none." },
	{ .key = "per_session", .type = BMC_CONF_INT, .min = 1, .max = 64, .def = "16", .reload = BMC_RELOAD_RESTART,
	  .doc = "Of them, those of one session; of one account, for clients that have no session." },
	{ .key = "idle", .type = BMC_CONF_INT, .min = 10000, .max = 86400000, .def = "30m", .unit = "ms", .reload = BMC_RELOAD_RESTART,
	  .doc = "A shell without a byte in either direction is closed after this." },
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
	  .doc = "Encryption protocol. With `none` the user authenticates only: others on the network can read what it reads." },
	{ .key = "priv_passphrase", .type = BMC_CONF_TEXT, .min = 8, .max = 128, .secret = true,
	  .doc = "Encryption passphrase; not with `priv: none`." },
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
	  .doc = "Protocol version. With v1, for receivers that know no other, traps are sent as RFC 3584 translates them: the sender's address, enterprise and number in the header." },
	{ .key = "community", .type = BMC_CONF_TEXT, .min = 1, .max = 64, .secret = true,
	  .doc = "The community to send with v1 or v2c." },
	{ .key = "user", .type = BMC_CONF_TEXT, .min = 1, .max = 31,
	  .doc = "The user (of `users`) to send as with v3." },
	{ .key = "inform", .type = BMC_CONF_BOOL, .def = "false",
	  .doc = "Send informs rather than traps; v1 has none. An inform is sent when the one before was acknowledged, so they come in order, and again after 5 s, 10 s and so on, up to 5 min, until it is. A receiver that was down gets what it missed when it answers again, also over a restart of the agent, as far as the event log has it (`state.events_keep`). Each event comes once; only the one under way comes again, with the same number, when its acknowledgement is lost or the agent is killed." },
	{ .key = NULL },
};

static const struct bmc_conf_item agentx_items[] = {
	{ .key = "socket", .type = BMC_CONF_TEXT, .max = 107, .def = "", .reload = BMC_RELOAD_RESTART,
	  .doc = "Unix socket of the system's SNMP agent (`/var/agentx/master`), which then shows CLUSTER-BMC-MIB and the ENTITY MIBs as its own: its users, its views. The daemon's user needs the right to connect to it (snmpd's agentXPerms). Works beside `port`, or with `port: 0` in its place." },
	{ .key = "notify", .type = BMC_CONF_BOOL, .def = "true", .reload = BMC_RELOAD_RESTART,
	  .doc = "Whether it gets the notifications too, and sends them to its own receivers (snmpd's trap2sink, informsink, trapsess). What happens while it is away it gets when it is back, as far as the last 1,000 events have it. A receiver that stands in `snmp.receivers` as well gets each notification twice." },
	{ .key = "set_role", .type = BMC_CONF_ENUM, .def = "none", .names = set_roles, .reload = BMC_RELOAD_RESTART,
	  .doc = "What SETs that come from there may do. AgentX does not say who sent them: the audit calls all of them `agentx`." },
	{ .key = NULL },
};

static const struct bmc_conf_item agentx_master_items[] = {
	{ .key = "socket", .type = BMC_CONF_TEXT, .max = 107, .def = "", .reload = BMC_RELOAD_RESTART,
	  .doc = "Unix socket at which other programs attach as AgentX sub-agents (`/run/clusterbmcd/agentx`), with mode 0660. Who may connect can answer for any object that is not ours; communities and users see those that their view includes." },
	{ .key = "group", .type = BMC_CONF_TEXT, .max = 31, .def = "", .reload = BMC_RELOAD_RESTART,
	  .doc = "The socket's group; without it only root and the daemon's group connect." },
	{ .key = NULL },
};

static const struct bmc_conf_item tls_client_items[] = {
	{ .key = "name", .type = BMC_CONF_TEXT, .min = 1, .max = 31, .def = "!",
	  .doc = "What the audit and views call it: its securityName." },
	{ .key = "fingerprint", .type = BMC_CONF_TEXT, .min = 64, .max = 95, .def = "!",
	  .doc = "SHA-256 of its certificate (DER) in hexadecimal digits, as `openssl x509 -noout -fingerprint -sha256` prints it. No other certificate is taken, whoever signed it; one that has expired is not taken either." },
	{ .key = "role", .type = BMC_CONF_ENUM, .def = "ReadOnly", .names = roles,
	  .doc = "What it may do." },
	{ .key = "view", .type = BMC_CONF_TEXT, .min = 1, .max = 31,
	  .doc = "What it may see: one of `views`. Without it the whole of CLUSTER-BMC-MIB." },
	{ .key = NULL },
};

static const struct bmc_conf_item snmp_tls_items[] = {
	PORT("port", "0", "TCP port, with `dtls` the UDP port also; 10161 is the standard's. 0: no SNMP over TLS."),
	{ .key = "dtls", .type = BMC_CONF_BOOL, .def = "false", .reload = BMC_RELOAD_RESTART,
	  .doc = "Whether SNMP over DTLS is spoken also, on the UDP port of the same number. A request has at most 16 KiB there, and an answer that and no more than `snmp.max_message`. At most 64 sessions, 8 of a client; a client's new one ends the one that it used least recently." },
	{ .key = "bind", .type = BMC_CONF_WORDS, .min = 1, .max = 16, .def = "*", .reload = BMC_RELOAD_RESTART,
	  .doc = "Addresses to listen on, as in `snmp.bind`." },
	{ .key = "certificate", .type = BMC_CONF_TEXT, .min = 1, .max = 255, .reload = BMC_RELOAD_RESTART,
	  .doc = "The agent's certificate chain (PEM). Without it that of the web server's own making in the state_dir; one that replaces it there is used from the next start on." },
	{ .key = "key", .type = BMC_CONF_TEXT, .min = 1, .max = 255, .reload = BMC_RELOAD_RESTART,
	  .doc = "Its private key (PEM)." },
	{ .key = "min_version", .type = BMC_CONF_ENUM, .def = "tls1.2", .names = tls_versions, .reload = BMC_RELOAD_RESTART,
	  .doc = "The oldest version of TLS that is spoken; of DTLS 1.2, or 1.0. `tls1.0` is for the clients of net-snmp 5.9.3, which speak no newer one (OpenSSL lets them with `CipherString = DEFAULT:@SECLEVEL=0` in an openssl.cnf that OPENSSL_CONF names); RFC 8996 forbids it." },
	{ .key = "clients", .type = BMC_CONF_LIST, .max = 16, .items = tls_client_items, .reload = BMC_RELOAD_LIVE,
	  .doc = "The clients that may connect." },
	{ .key = NULL },
};

static const struct bmc_conf_item snmp_items[] = {
	PORT("port", "161", "UDP port; 0: no SNMP."),
	{ .key = "bind", .type = BMC_CONF_WORDS, .min = 1, .max = 16, .def = "*", .reload = BMC_RELOAD_RESTART,
	  .doc = "Address to listen on, or several: `[192.0.2.7, \"[2001:db8::7]:1161\"]`; one without a port has `port`. `*`: all, IPv4 and IPv6." },
	{ .key = "enterprise_oid", .type = BMC_CONF_TEXT, .min = 3, .max = 100, .def = BMC_ENTERPRISE_OID, .reload = BMC_RELOAD_RESTART,
	  .doc = "What CLUSTER-BMC-MIB hangs below. 32473 is the number for examples: get your own for production." },
	{ .key = "engine_id", .type = BMC_CONF_TEXT, .min = 10, .max = 64, .reload = BMC_RELOAD_RESTART,
	  .doc = "Engine id in hexadecimal digits. Without it one is made at the first start and kept." },
	{ .key = "max_message", .type = BMC_CONF_INT, .min = 484, .max = 65507, .def = "65507", .unit = "bytes", .reload = BMC_RELOAD_RESTART,
	  .doc = "Longest answer; a v3 client's msgMaxSize can make it shorter. The default is what UDP carries. More than 1472 is cut into fragments on an Ethernet: where a firewall drops those, set 1472." },
	{ .key = "read_engine", .type = BMC_CONF_BOOL, .def = "true", .reload = BMC_RELOAD_RESTART,
	  .doc = "Whether GET, GETNEXT and GETBULK of the agent's own tables are answered by the agent's read engine, which is several times faster than net-snmp. Answers are the same without it." },
	{ .key = "source_rate", .type = BMC_CONF_INT, .min = 0, .max = 1073741824, .def = "64KiB", .unit = "bytes", .reload = BMC_RELOAD_RESTART,
	  .doc = "Bytes in each second with which the budget of a source (an IPv4 address, the /64 of an IPv6 address) refills; 0: no limits. The budget pays for answers to v1, v2c and unauthenticated v3 requests that are more than three times as long as the request: the source of those may be forged. A GETBULK gets no more than what is left of it, and one repetition when that is less than 1472; an answer that is longer all the same is not sent." },
	{ .key = "source_burst", .type = BMC_CONF_INT, .min = 0, .max = 1073741824, .def = "1MiB", .unit = "bytes", .reload = BMC_RELOAD_RESTART,
	  .doc = "The budget when it is full. A walk of a whole R2 by GETBULK takes 256 KiB of it." },
	{ .key = "exempt", .type = BMC_CONF_WORDS, .max = 64, .reload = BMC_RELOAD_RESTART,
	  .doc = "Networks of managers without such limits, as 192.0.2.0/24 or 2001:db8::/32; sources in them should be impossible to forge. Their v3 requests with a wrong digest are not slowed down either." },
	{ .key = "contact", .type = BMC_CONF_TEXT, .max = 255, .def = "", .reload = BMC_RELOAD_LIVE,
	  .doc = "sysContact: who looks after this chassis, and how to reach them; until a user sets it over SNMP." },
	{ .key = "location", .type = BMC_CONF_TEXT, .max = 255, .def = "", .reload = BMC_RELOAD_LIVE,
	  .doc = "sysLocation: where it stands; until a user sets it over SNMP." },
	{ .key = "services", .type = BMC_CONF_INT, .min = 0, .max = 127, .def = "72", .reload = BMC_RELOAD_LIVE,
	  .doc = "sysServices: the sum of 2^(L-1) over the layers L it serves; 72 is a host's (RFC 3418)." },
	{ .key = "views", .type = BMC_CONF_LIST, .max = 32, .items = view_items, .reload = BMC_RELOAD_LIVE,
	  .doc = "Parts of the tree that communities and users can be held to." },
	{ .key = "agentx", .type = BMC_CONF_SECTION, .def = "{}", .items = agentx_items, .reload = BMC_RELOAD_RESTART,
	  .doc = "Sub-agent of the system's SNMP agent." },
	{ .key = "agentx_master", .type = BMC_CONF_SECTION, .def = "{}", .items = agentx_master_items, .reload = BMC_RELOAD_RESTART,
	  .doc = "Master of other programs' AgentX sub-agents." },
	{ .key = "communities", .type = BMC_CONF_LIST, .max = 16, .items = community_items, .reload = BMC_RELOAD_LIVE,
	  .doc = "v2c communities. None: v2c is off." },
	{ .key = "v1", .type = BMC_CONF_BOOL, .def = "false", .reload = BMC_RELOAD_LIVE,
	  .doc = "Answer the communities over v1 also, for reading: what has 64 bits is left out there (RFC 3584), and a SET is refused." },
	{ .key = "users", .type = BMC_CONF_LIST, .max = 32, .items = user_items, .reload = BMC_RELOAD_LIVE,
	  .doc = "v3 users; all authenticate." },
	{ .key = "tls", .type = BMC_CONF_SECTION, .def = "{}", .items = snmp_tls_items, .reload = BMC_RELOAD_RESTART,
	  .doc = "SNMP over TLS (RFC 6353): the Transport Security Model, clients known by their certificates. At most 16 connections over TCP, 8 of an address; one is closed after 10 min without a request." },
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
	{ .key = "samples", .type = BMC_CONF_INT, .min = 0, .max = 2880, .def = "180", .reload = BMC_RELOAD_RESTART,
	  .doc = "Samples that are kept of each reading (with the defaults: an hour); 0: none. Each sample or mean takes 4 bytes; all together never more than 4 MiB (with the defaults that is room for 3,100 readings)." },
	{ .key = "interval", .type = BMC_CONF_INT, .min = 1000, .max = 3600000, .def = "20s", .unit = "ms", .reload = BMC_RELOAD_RESTART,
	  .doc = "Time between two samples." },
	{ .key = "means", .type = BMC_CONF_INT, .min = 0, .max = 2880, .def = "144", .reload = BMC_RELOAD_RESTART,
	  .doc = "Means of samples that are kept of each reading (with the defaults: a day); 0: none." },
	{ .key = "mean_interval", .type = BMC_CONF_INT, .min = 1000, .max = 86400000, .def = "10m", .unit = "ms", .reload = BMC_RELOAD_RESTART,
	  .doc = "Time that a mean is of; rounded to a multiple of `interval`." },
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

static const struct bmc_conf_item redfish_items[] = {
	{ .key = "http_push_uri", .type = BMC_CONF_BOOL, .def = "false", .reload = BMC_RELOAD_RESTART,
	  .doc = "Take firmware images at UpdateService's HttpPushUri too, and show the properties that belong to it: the standard has deprecated them, so validators warn of each. MultipartHttpPushUri is always there." },
	{ .key = NULL },
};

static const struct bmc_conf_item metrics_items[] = {
	{ .key = "anonymous", .type = BMC_CONF_ENUM, .def = "loopback", .names = anonymous_readers, .reload = BMC_RELOAD_RESTART,
	  .doc = "Who reads /metrics without logging in: no client; those of this machine (loopback addresses and Unix sockets; not what a proxy forwards with X-Forwarded-For or Forwarded); or all. Any other reads with an account of any role." },
	{ .key = NULL },
};

static const struct bmc_conf_item local_api_items[] = {
	{ .key = "enabled", .type = BMC_CONF_BOOL, .def = "false", .reload = BMC_RELOAD_RESTART,
	  .doc = "Listen on 127.0.0.1. There is no login: every program on this machine may then restart boards, and switch them on and off. Requests of other sites' pages in a browser here are refused." },
	{ .key = "port", .type = BMC_CONF_INT, .min = 1, .max = 65535, .def = "7070", .reload = BMC_RELOAD_RESTART,
	  .doc = "Its port." },
	{ .key = "get", .type = BMC_CONF_BOOL, .def = "false", .reload = BMC_RELOAD_RESTART,
	  .doc = "Take GET too, as older scripts send it. Without it only POST: what follows links, or loads them ahead, sends GET." },
	{ .key = NULL },
};

static const struct bmc_conf_item ssdp_items[] = {
	{ .key = "enabled", .type = BMC_CONF_BOOL, .def = "false", .reload = BMC_RELOAD_RESTART,
	  .doc = "Answer searches for Redfish services (UDP port 1900), until a user sets it (NetworkProtocol's SSDP.ProtocolEnabled). Off at first: who searches has no account, and a management network has few strangers to be found by. It speaks on each interface but the loopback at whose address `http` serves over TLS; a demo that serves on the loopback alone stays silent." },
	{ .key = "notify", .type = BMC_CONF_INT, .min = 0, .max = 86400000, .def = "0s", .unit = "ms", .reload = BMC_RELOAD_RESTART,
	  .doc = "Time between two announcements to the network, in whole seconds, until a user sets it (SSDP.NotifyMulticastIntervalSeconds); 0: none, only who searches finds the service." },
	{ .key = NULL },
};

static const struct bmc_conf_item dns_sd_items[] = {
	{ .key = "file", .type = BMC_CONF_TEXT, .min = 2, .max = 200, .reload = BMC_RELOAD_RESTART,
	  .doc = "The absolute path of a service file of Avahi, such as /etc/avahi/services/clusterbmc.service, which the agent writes while it runs: Avahi publishes the Redfish service as _redfish._tcp, with its path, UUID, version and start. None: it is not published. The agent's user has to be allowed to write the file (conf/avahi/README.md)." },
	{ .key = NULL },
};

static const struct bmc_conf_item discovery_items[] = {
	{ .key = "ssdp", .type = BMC_CONF_SECTION, .def = "{}", .items = ssdp_items, .reload = BMC_RELOAD_RESTART,
	  .doc = "SSDP, as the Redfish specification has it." },
	{ .key = "dns_sd", .type = BMC_CONF_SECTION, .def = "{}", .items = dns_sd_items, .reload = BMC_RELOAD_RESTART,
	  .doc = "DNS-SD (multicast DNS), by way of Avahi." },
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

static const struct bmc_conf_item board_network_items[] = {
	{ .key = "address", .type = BMC_CONF_TEXT, .min = 2, .max = 45, .def = "!", .reload = BMC_RELOAD_RESTART,
	  .doc = "Address of this machine on the network of the boards, in numbers." },
	{ .key = "port", .type = BMC_CONF_INT, .min = 1, .max = 65535, .def = "8470", .reload = BMC_RELOAD_RESTART,
	  .doc = "Port on which boards fetch images." },
	{ .key = NULL },
};

static const struct bmc_conf_item key_items[] = {
	{ .key = "name", .type = BMC_CONF_TEXT, .min = 1, .max = BMC_NAME_MAX - 1, .def = "!", .reload = BMC_RELOAD_RESTART,
	  .doc = "What images that it has signed show." },
	{ .key = "file", .type = BMC_CONF_TEXT, .min = 1, .max = 255, .def = "!", .reload = BMC_RELOAD_RESTART,
	  .doc = "The public key (PEM): Ed25519, ECDSA, or RSA of 2,048 to 4,096 bits." },
	{ .key = NULL },
};

static const struct bmc_conf_item update_items[] = {
	{ .key = "folder", .type = BMC_CONF_TEXT, .max = 255, .def = "", .reload = BMC_RELOAD_RESTART,
	  .doc = "The firmware folder: the files `*.img` in it are listed, and updates can name them. They are read where they are; links are not followed." },
	{ .key = "max_bytes", .type = BMC_CONF_INT, .min = 1048576, .max = INT64_C(1) << 44, .def = "4GiB", .unit = "bytes", .reload = BMC_RELOAD_RESTART,
	  .doc = "Size of all images that are stored, in the folder `images` of the state_dir, and so of the largest one. When it is reached the image that was used least recently is removed; images of updates that are under way never are." },
	{ .key = "max_images", .type = BMC_CONF_INT, .min = 1, .max = 256, .def = "16", .reload = BMC_RELOAD_RESTART,
	  .doc = "How many images are stored at most." },
	{ .key = "keep_free", .type = BMC_CONF_INT, .min = 0, .max = INT64_C(1) << 44, .def = "64MiB", .unit = "bytes", .reload = BMC_RELOAD_RESTART,
	  .doc = "Room that images leave on the file system." },
	{ .key = "max_unpacked", .type = BMC_CONF_INT, .min = 1048576, .max = INT64_C(1) << 44, .def = "64GiB", .unit = "bytes", .reload = BMC_RELOAD_RESTART,
	  .doc = "What an image may unpack to." },
	{ .key = "unsigned", .type = BMC_CONF_ENUM, .def = "allow", .names = allow_deny, .reload = BMC_RELOAD_RESTART,
	  .doc = "Whether boards are updated with images that no trusted key has signed." },
	{ .key = "keys", .type = BMC_CONF_LIST, .max = 16, .items = key_items, .reload = BMC_RELOAD_RESTART,
	  .doc = "Trusted keys. A bundle that is signed by any other one is refused, whatever `unsigned` says." },
	{ .key = "schemes", .type = BMC_CONF_TEXT, .max = 63, .def = "https, sftp, scp, http, tftp", .reload = BMC_RELOAD_RESTART,
	  .doc = "How images may be fetched; empty: not at all." },
	{ .key = "addresses", .type = BMC_CONF_ENUM, .def = "private", .names = fetch_addresses, .reload = BMC_RELOAD_RESTART,
	  .doc = "From which servers: those of the Internet (public), of the site's networks too (private: RFC 1918, RFC 4193, RFC 6598), or also this machine's own and link-local ones (any). The address that a name stands for decides, for each redirect again." },
	{ .key = "redirects", .type = BMC_CONF_INT, .min = 0, .max = 10, .def = "3", .reload = BMC_RELOAD_RESTART,
	  .doc = "How many redirects of a web server are followed. None leads from https to http, or to another protocol." },
	{ .key = "verify", .type = BMC_CONF_BOOL, .def = "true", .reload = BMC_RELOAD_RESTART,
	  .doc = "Whether servers have to show who they are: by a certificate (https), or by a host key in `ssh_known_hosts` (sftp, scp)." },
	{ .key = "ca", .type = BMC_CONF_TEXT, .min = 1, .max = 255, .reload = BMC_RELOAD_RESTART,
	  .doc = "File with the CA certificates that servers are checked by (PEM), instead of the system's." },
	{ .key = "ssh_known_hosts", .type = BMC_CONF_TEXT, .min = 1, .max = 255, .reload = BMC_RELOAD_RESTART,
	  .doc = "File with the host keys of SSH servers, as OpenSSH's known_hosts (`ssh-keyscan`): a server whose key is not in it is refused, also where `verify` is false; without the file no server is asked unless `verify` is false, and then each one is taken for what it says. Names may be hashed; wildcards and the markers @revoked and @cert-authority are not understood, such a line says nothing. Give Ed25519 or ECDSA keys: with RSA keys libssh2 1.10 (Debian 12) reaches servers older than OpenSSH 8.8 only." },
	{ .key = "at_once", .type = BMC_CONF_INT, .min = 1, .max = 16, .def = "4", .reload = BMC_RELOAD_RESTART,
	  .doc = "How many updates are under way at once, each of one image for any number of boards, of which it holds up to 16 MiB in memory; further ones wait, those with the highest priority go first." },
	{ .key = "timeout", .type = BMC_CONF_INT, .min = 1000, .max = 3600000, .def = "30s", .unit = "ms", .reload = BMC_RELOAD_RESTART,
	  .doc = "Time in which a server has to answer, and then to send a KiB for each second of it." },
	{ .key = "board_network", .type = BMC_CONF_SECTION, .items = board_network_items, .reload = BMC_RELOAD_RESTART,
	  .doc = "Where boards that fetch their image themselves find it: over HTTP without TLS, at a random address for each board and job. Without this section they can't." },
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
	{ .key = "manual_fans", .type = BMC_CONF_INT, .min = 0, .max = INT64_C(30) * 86400000, .def = "4h", .unit = "ms", .reload = BMC_RELOAD_RESTART,
	  .doc = "How long a fan's mode Manual, set by a user, lasts: then it is automatic again, and an event says so. 0: until a user changes it." },
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
	{ .key = "redfish", .type = BMC_CONF_SECTION, .def = "{}", .items = redfish_items, .reload = BMC_RELOAD_RESTART,
	  .doc = "Parts of Redfish that not every site wants." },
	{ .key = "events", .type = BMC_CONF_SECTION, .def = "{}", .items = events_items, .reload = BMC_RELOAD_RESTART,
	  .doc = "Who is told of events over Redfish: receivers of pushed events and streams." },
	{ .key = "discovery", .type = BMC_CONF_SECTION, .def = "{}", .items = discovery_items, .reload = BMC_RELOAD_RESTART,
	  .doc = "Being found by clients that do not know the address." },
	{ .key = "shell", .type = BMC_CONF_SECTION, .def = "{}", .items = shell_items, .reload = BMC_RELOAD_RESTART,
	  .doc = "Shells of boards for Administrators, in the web pages and `bmc NODE shell`: WebSockets at /shell/NODE." },
	{ .key = "metrics", .type = BMC_CONF_SECTION, .def = "{}", .items = metrics_items, .reload = BMC_RELOAD_RESTART,
	  .doc = "Prometheus' metrics: GET /metrics of the web server." },
	{ .key = "local_api", .type = BMC_CONF_SECTION, .def = "{}", .items = local_api_items, .reload = BMC_RELOAD_RESTART,
	  .doc = "The local API, for scripts on this machine: http://localhost:7070/api/VERB/BOARD with the verbs reset, reboot, poweron and poweroff." },
	{ .key = "history", .type = BMC_CONF_SECTION, .def = "{}", .items = history_items, .reload = BMC_RELOAD_RESTART,
	  .doc = "The last values of readings, for plots; in memory only." },
	{ .key = "state", .type = BMC_CONF_SECTION, .def = "{}", .items = state_items, .reload = BMC_RELOAD_RESTART,
	  .doc = "The database of events, tasks, sessions and settings." },
	{ .key = "update", .type = BMC_CONF_SECTION, .def = "{}", .items = update_items, .reload = BMC_RELOAD_RESTART,
	  .doc = "Firmware updates." },
	{ .key = "instances", .type = BMC_CONF_LIST, .min = 1, .max = 64, .def = "!", .items = instance_items, .reload = BMC_RELOAD_INSTANCE,
	  .doc = "Plugins at work, in the order in which their word counts." },
	{ .key = NULL },
};
/* clang-format on */
