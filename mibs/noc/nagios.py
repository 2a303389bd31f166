# SPDX-License-Identifier: Apache-2.0
"""Command and service definitions for check_snmp, and what an alarm receiver makes of each
notification (snmptt)."""
import re

HEAD = "# SPDX-License-Identifier: Apache-2.0\n# Made from CLUSTER-BMC-MIB by mibs/noc/generate.py.\n"
V3 = ("-P 3 -L authPriv -U $_HOSTSNMPUSER$ -a SHA-256 -A '$_HOSTSNMPAUTH$' -x AES-256"
      " -X '$_HOSTSNMPPRIV$'")
# name: (object, index, what check_snmp is told). Of a health 2 is ok and 4 critical; 1 (unknown)
# and 3 warn. Of a truth 1 is true.
CHECKS = {
    "health": ("cbmcHealth", "0", "-w 2:2 -c 1:3 -l health"),
    "data_age": ("cbmcDataAge", "0", "-w 30000 -c 120000 -l age -u ms"),
    "boards_present": ("cbmcBoardsPresent", "0", "-w $ARG1$: -c $ARG2$: -l boards"),
    "boards_on": ("cbmcBoardsOn", "0", "-w $ARG1$: -c $ARG2$: -l boards"),
    "power": ("cbmcPower", "0", "-M 0.001 -w $ARG1$ -c $ARG2$ -l power -u W"),
    "power_redundancy": ("cbmcPowerRedundancy", "0", "-w 3:3 -c 1:3 -l redundancy"),
    "state_durable": ("cbmcManagerStateDurable", "0", "-w 1:1 -c 1:2 -l durable"),
    "board_health": ("cbmcBoardHealth", "$ARG1$", "-w 2:2 -c 1:3 -l health"),
    "board_present": ("cbmcBoardPresent", "$ARG1$", "-c 1:1 -l present"),
    "board_soc_temperature": ("cbmcBoardSocTemperature", "$ARG1$",
                              "-M 0.001 -w $ARG2$ -c $ARG3$ -l temperature -u C"),
    "blade_health": ("cbmcBladeHealth", "$ARG1$", "-w 2:2 -c 1:3 -l health"),
    "fan_rpm": ("cbmcFanRpm", "$ARG1$", "-w $ARG2$: -c $ARG3$: -l speed -u rpm"),
    "psu_health": ("cbmcPsuHealth", "$ARG1$", "-w 2:2 -c 1:3 -l health"),
    "sensor_health": ("cbmcSensorHealth", "$ARG1$", "-w 2:2 -c 1:3 -l health"),
    "disk_failure_predicted": ("cbmcDiskFailurePredicted", "$ARG1$", "-c 2:2 -l failing"),
}
VERSIONS = {"": "-P 2c -C '$_HOSTSNMPCOMMUNITY$'", "_v3": V3}


def commands(module):
    out = [HEAD + "# Nagios, Icinga: commands with check_snmp of monitoring-plugins. An index is"
           " BLADE.SLOT for\n# a board, else the row's number. Port and credentials are custom"
           " variables of the host."]
    for name, (o, index, more) in CHECKS.items():
        text = module.objects[o].first_sentence
        out.append(f"\n# {module.objects[o].name}: {text}")
        for suffix, who in VERSIONS.items():
            out.append(f"define command {{\n"
                       f"    command_name  check_cbmc_{name}{suffix}\n"
                       f"    command_line  $USER1$/check_snmp -H $HOSTADDRESS$ -p"
                       f" $_HOSTSNMPPORT$ {who} -o .{module.objects[o].dotted}.{index} {more}\n"
                       f"}}")
    out.append(SERVICES)
    return "\n".join(out)


SERVICES = """
# An example: the whole chassis, and one board.
define host {
    name             cluster-server
    register         0
    _SNMPPORT        161
    _SNMPCOMMUNITY   public
    _SNMPUSER        noc
    _SNMPAUTH        CHANGE-ME
    _SNMPPRIV        CHANGE-ME
}

define service {
    use                  generic-service
    host_name            r2
    service_description  Health
    check_command        check_cbmc_health_v3
}

define service {
    use                  generic-service
    host_name            r2
    service_description  Board sub1-03
    check_command        check_cbmc_board_health_v3!1.3
}
"""

# What a notification's name says of how bad it is.
BAD = [(re.compile(r"Failed$|RedundancyLost$|NotDurable$|FellBack"), "CRITICAL"),
       (re.compile(r"Removed$|LimitBelow|LimitAbove|AboveLimit|BelowLimit|LinkDown$|Quarantined$"
                   r"|Cancelled$"), "WARNING")]


def severity(notification):
    return next((word for pattern, word in BAD if pattern.search(notification.name)), "Normal")


def snmptt(module):
    """One EVENT for each notification; $N is its Nth variable."""
    out = [HEAD + "# For snmptt: snmptt_conf_files in snmptt.ini names this file. Each notification"
           " carries\n# the variables that follow sysUpTime and snmpTrapOID, counted from 1."]
    for n in module.notifications.values():
        shown = " ".join(f"{o.removeprefix('cbmc')}=${i}" for i, o in enumerate(n.objects, 1))
        out.append(f"EVENT {n.name} .{n.dotted} \"Status Events\" {severity(n)}\n"
                   f"FORMAT {shown}\n"
                   f"SDESC\n{n.text or n.name}\nVariables:\n"
                   + "".join(f"  {i}: {o}\n" for i, o in enumerate(n.objects, 1)) + "EDESC")
    return "\n\n".join(out) + "\n"
