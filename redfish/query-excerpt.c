// SPDX-License-Identifier: Apache-2.0
// The excerpt parameter: what the schemas annotate with Redfish.Excerpt stays of a
// resource; one without such an annotation stays whole. Called by query-read.c.
#include <stdlib.h>
#include <string.h>

#include "core/base/util.h"
#include "redfish/query.h"

/* Sensor 1.12 and Control 1.9; what only the copy in another resource has is left out.
 */
static const struct {
	const char *type, *properties;
} excerpts[] = {
	{ "#Sensor.",
	  "Reading,PhysicalContext,PhysicalSubContext,ApparentVA,ReactiveVAR,"
	  "PowerFactor,PhaseAngleDegrees,CrestFactor,THDPercent,SpeedRPM,"
	  "SensorResetTime,LifetimeReading,ApparentkVAh,ReactivekVARh" },
	{ "#Control.", "ControlMode,SetPoint,SettingMin,SettingMax,AllowableMax,"
		       "AllowableMin,AllowableNumericValues,SetPointUnits,ControlLoop,"
		       "DefaultSetPoint" },
};

static const char *properties_of(const json_t *resource)
{
	const char *type = json_string_value(json_object_get(resource, "@odata.type"));

	for (size_t i = 0; type && i < ARRAY_SIZE(excerpts); i++) {
		if (strncmp(type, excerpts[i].type, strlen(excerpts[i].type)) == 0)
			return excerpts[i].properties;
	}
	return NULL;
}

/* Depth: that of our own bodies. */
void rf_excerpt(json_t *root)
{
	const char *properties = properties_of(root), *key;
	struct rf_select *s = properties ? rf_select_new(properties) : NULL;
	json_t *v;
	size_t i;

	if (s)
		rf_select_apply(s, root, false);
	free(s);
	json_array_foreach (root, i, v)
		rf_excerpt(v);
	json_object_foreach (root, key, v)
		rf_excerpt(v);
}
