// SPDX-License-Identifier: Apache-2.0
/* Finds a plugin by name: in the table that configure wrote, else as a module in the
 * plugin folder. main() asks, once for each instance of the config. */
#include <dlfcn.h>
#include <limits.h>
#include <string.h>

#include "builtin-plugins.h"
#include "core/base/util.h"
#include "core/plugin/instance.h"

const struct bmc_plugin *const bmc_builtin_plugins[] = { BMC_BUILTIN_PLUGINS };

/* Of struct bmc_plugin when ABI 1 was frozen: a module that was built then is accepted
 * from then on. What the struct gets after `streams` is read only where the module's
 * own size covers it. */
#define FROZEN_SIZE \
	(offsetof(struct bmc_plugin, streams) + sizeof(const struct bmc_stream_type *))

static int plugin_check(const struct bmc_plugin *p, const char *name,
			struct bmc_error *err)
{
	if (p->abi != BMC_ABI || p->size < FROZEN_SIZE)
		return bmc_fail(
			err, BMC_ENOTSUP,
			"plugin %s was built for ABI %u (%u bytes), this daemon has %u "
			"(%zu): rebuild it",
			name, p->abi, p->size, BMC_ABI, FROZEN_SIZE);
	if (!p->name || strcmp(p->name, name) != 0 || !p->create)
		return bmc_fail(err, BMC_EINVAL,
				"the module %s.so holds another plugin", name);
	return BMC_OK;
}

int bmc_plugin_load(const char *dir, const char *name, const struct bmc_plugin **ret,
		    struct bmc_error *err)
{
	char path[PATH_MAX];
	const struct bmc_plugin *p;
	void *module;

	for (size_t i = 0; bmc_builtin_plugins[i]; i++) {
		if (strcmp(bmc_builtin_plugins[i]->name, name) == 0) {
			*ret = bmc_builtin_plugins[i];
			return BMC_OK;
		}
	}
	/* a name, never a path */
	if (!*name ||
	    strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(name))
		return bmc_fail(err, BMC_EINVAL, "a plugin's name is of [a-z0-9_]");
	(void)snprintf(path, sizeof(path), "%s/%s.so", dir ? dir : BMC_PLUGINDIR, name);
	if (access(path, F_OK) < 0)
		return bmc_fail(err, BMC_ENOTFOUND,
				"no plugin %s: not built in, and no %s", name, path);
	module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!module)
		return bmc_fail(err, BMC_EIO, "plugin %s: %s", name, dlerror());
	p = dlsym(module, "bmc_plugin");
	if (!p) {
		(void)dlclose(module);
		return bmc_fail(err, BMC_EINVAL,
				"%s is no plugin: it has no bmc_plugin", path);
	}
	*ret = p;
	return plugin_check(p, name, err);
}
