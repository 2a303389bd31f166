dnl SPDX-License-Identifier: Apache-2.0
dnl BMC_PLUGIN_OPTION(NAME, DEFAULT): --with-plugin-NAME=yes|shared|no
dnl Defines the conditionals BUILTIN_NAME and SHARED_NAME for plugins/NAME/Makefile.inc.
AC_DEFUN([BMC_PLUGIN_OPTION], [
  AC_ARG_WITH([plugin-$1],
    [AS_HELP_STRING([--with-plugin-$1=yes|shared|no], [build plugin $1 in, as a module, or not @<:@$2@:>@])],
    [], [with_plugin_$1=$2])
  AM_CONDITIONAL([BUILTIN_]m4_toupper([$1]), [test "$with_plugin_$1" = yes])
  AM_CONDITIONAL([SHARED_]m4_toupper([$1]), [test "$with_plugin_$1" = shared])
  AS_CASE([$with_plugin_$1],
    [yes], [bmc_builtin_plugins="$bmc_builtin_plugins $1"],
    [shared|no], [],
    [AC_MSG_ERROR([--with-plugin-$1 takes yes, shared or no])])
])

dnl BMC_PLUGIN_TABLE: writes builtin-plugins.h, the list of what was built in
AC_DEFUN([BMC_PLUGIN_TABLE], [
  AC_CONFIG_COMMANDS([builtin-plugins.h], [
    { for p in $bmc_builtin_plugins; do echo "extern const struct bmc_plugin bmc_plugin_$p;"; done
      echo "#define BMC_BUILTIN_PLUGINS \\"
      for p in $bmc_builtin_plugins; do echo "	&bmc_plugin_$p, \\"; done
      echo "	NULL"; } > builtin-plugins.h
  ], [bmc_builtin_plugins="$bmc_builtin_plugins"])
])
