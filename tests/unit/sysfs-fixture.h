// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>

/* A sysfs of a test's own: umockdev's preloaded library answers every path below /sys
 * from a folder, so that the code under test reads its real paths. Files change at any
 * time. */

/** Starts the program again below umockdev's wrapper, or says in TAP why it can't; in
 * the second run makes an empty /sys and returns true. */
bool sysfs_begin(char **argv);
/** Empties it. */
void sysfs_clear(void);
/** Removes it. */
void sysfs_end(void);
/** Writes a file (path below /sys, folders are made). */
void sysfs_file(const char *path, const char *text);
/** A file whose readers wait: a driver that hangs. One at a time. */
void sysfs_hang(const char *path);
/** Removes it and lets its readers go. */
void sysfs_release(const char *path);
/** Makes /sys/class/hwmon/hwmonN of a device below /sys/devices, with its name. */
void sysfs_hwmon(const char *device, unsigned number, const char *name);
/** Writes an attribute of a device's hwmon. */
void sysfs_attribute(const char *device, unsigned number, const char *attribute,
		     const char *text);
/** The chip goes: link first, as the kernel does. */
void sysfs_hwmon_gone(const char *device, unsigned number);
/** Makes a 1-wire thermometer with this w1_slave. */
void sysfs_w1(const char *id, const char *text);
