// SPDX-License-Identifier: Apache-2.0
/* HOST-RESOURCES-MIB (RFC 2790) for `main`: its memory, file systems, processor, disks
 * and network interfaces, as far as the model knows them. What it does not know (users,
 * processes, installed software) is not there. */
#include "snmp/cursor.h"
#include "snmp/standard.h"

#define HR "1.3.6.1.2.1.25"

enum what {
	MEMORY = 1 << 0,
	ROOT = 1 << 1,
	PROCESSOR = 1 << 2,
	NIC = 1 << 3,
	DISK = 1 << 4
};

/* hrStorageIndex, hrDeviceIndex */
enum {
	MEMORY_INDEX = 1,
	ROOT_INDEX,
	PROCESSOR_INDEX,
	NIC_INDEX = 1 << 20,
	DISK_INDEX = 2 << 20
};

#define ROWS_MAX 128

/* The rows of one table. A row's handle is that of the row of the model, its index[0]
 * the number here, its status which of `enum what`. */
struct list {
	uint64_t generation;
	size_t n;
	struct bmc_row rows[ROWS_MAX];
	struct sn_ordered ordered[ROWS_MAX];
};

static const struct bmc_board *main_board(void)
{
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(sn_pinned(), BMC_BOARD, &rows);

	for (size_t i = 0; i < n; i++) {
		const struct bmc_board *b = (const struct bmc_board *)rows[i];
		if (b->is_main == 1)
			return b;
	}
	return NULL;
}

static const struct bmc_row *subject(const struct bmc_row *row)
{
	return bmc_snapshot_row(sn_pinned(), row->handle);
}

static const struct bmc_disk *disk(const struct bmc_row *row)
{
	return (const struct bmc_disk *)subject(row);
}

static void put(struct list *l, uint32_t index, enum what what,
		const struct bmc_row *of)
{
	if (l->n == ROWS_MAX)
		return;
	l->rows[l->n] = (struct bmc_row){ .kind = BMC_CHASSIS,
					  .status = (uint16_t)what,
					  .handle = of->handle,
					  .index = { index } };
	l->ordered[l->n].row = &l->rows[l->n];
	l->ordered[l->n].index = (struct sn_subids){ .n = 1, .id = { index } };
	l->n++;
}

/* A disk that the kernel of main has a name for. */
static bool is_of_main(enum bmc_kind kind, const struct bmc_row *row)
{
	struct sn_subids index;

	if (kind == BMC_NIC)
		return sn_row_index(&sn_if_table, row, &index);
	return row->status != BMC_ABSENT && *((const struct bmc_disk *)row)->device;
}

static void put_kind(struct list *l, enum bmc_kind kind, uint32_t first, enum what what)
{
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(sn_pinned(), kind, &rows);

	for (size_t i = 0; i < n; i++) {
		if (rows[i]->index[0] < 1 << 20 && is_of_main(kind, rows[i]))
			put(l, first + rows[i]->index[0], what, rows[i]);
	}
}

static size_t make(struct list *l, unsigned what, const struct sn_ordered **ret)
{
	const struct bmc_board *b = main_board();

	*ret = l->ordered;
	if (l->generation == bmc_snapshot_generation(sn_pinned()))
		return l->n;
	l->generation = bmc_snapshot_generation(sn_pinned());
	l->n = 0;
	if (!b)
		return 0;
	if (what & MEMORY && b->memory_bytes != BMC_UNKNOWN)
		put(l, MEMORY_INDEX, MEMORY, &b->row);
	if (what & ROOT && b->storage_bytes != BMC_UNKNOWN)
		put(l, ROOT_INDEX, ROOT, &b->row);
	if (what & PROCESSOR)
		put(l, PROCESSOR_INDEX, PROCESSOR, &b->row);
	if (what & NIC)
		put_kind(l, BMC_NIC, NIC_INDEX, NIC);
	if (what & DISK)
		put_kind(l, BMC_DISK, DISK_INDEX, DISK);
	return l->n;
}

static bool hr_name(struct sn_value *ret, const char *text)
{
	struct sn_oid name;

	return sn_oid_parse(text, &name) && sn_name(ret, &name);
}

/* ---- hrSystem, hrMemorySize ---- */

static bool get_up_time(const struct bmc_row *row, struct sn_value *ret)
{
	const struct bmc_board *b = main_board();

	(void)row;
	if (!b || b->boot_time == BMC_UNKNOWN)
		return false;
	sn_value_number(ret, ASN_TIMETICKS,
			(long)((bmc_now() - b->boot_time) / 10 & UINT32_MAX));
	return true;
}

static bool get_date(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	return sn_date_of(ret, bmc_now());
}

static bool get_memory(const struct bmc_row *row, struct sn_value *ret)
{
	const struct bmc_board *b = main_board();

	(void)row;
	return b && b->memory_bytes != BMC_UNKNOWN &&
	       sn_number(ret, ASN_INTEGER, b->memory_bytes / 1024, INT32_MAX);
}

/* ---- hrStorageTable ---- */

/* In units that let the size fit an Integer32. */
static int64_t unit_of(int64_t bytes)
{
	int64_t unit = 4096;

	while (bytes / unit > INT32_MAX)
		unit *= 2;
	return unit;
}

static int64_t size_of(const struct bmc_row *row)
{
	const struct bmc_row *is = subject(row);
	const struct bmc_board *b = (const struct bmc_board *)is;

	if (!is)
		return BMC_UNKNOWN;
	if (row->status == DISK)
		return disk(row)->bytes;
	return row->status == MEMORY ? b->memory_bytes : b->storage_bytes;
}

static int64_t used_of(const struct bmc_row *row)
{
	const struct bmc_row *is = subject(row);
	const struct bmc_board *b = (const struct bmc_board *)is;

	if (!is)
		return BMC_UNKNOWN;
	if (row->status == DISK)
		return disk(row)->used_bytes;
	return row->status == MEMORY ? b->memory_used : b->storage_used;
}

static bool get_index(const struct bmc_row *row, struct sn_value *ret)
{
	return sn_integer(ret, (long)row->index[0]);
}

static bool get_storage_type(const struct bmc_row *row, struct sn_value *ret)
{
	return hr_name(ret, row->status == MEMORY ? HR ".2.1.2" : HR ".2.1.4");
}

static bool get_storage_descr(const struct bmc_row *row, struct sn_value *ret)
{
	if (row->status == MEMORY)
		return sn_text(ret, "Physical memory");
	if (row->status == ROOT)
		return sn_text(ret, "/");
	if (!subject(row))
		return false;
	(void)snprintf(ret->u.text, sizeof(ret->u.text), "/dev/%s", disk(row)->device);
	return sn_text(ret, ret->u.text);
}

static bool get_unit(const struct bmc_row *row, struct sn_value *ret)
{
	int64_t size = size_of(row);

	return size != BMC_UNKNOWN && sn_integer(ret, (long)unit_of(size));
}

static bool get_size(const struct bmc_row *row, struct sn_value *ret)
{
	int64_t size = size_of(row);

	return size != BMC_UNKNOWN && sn_integer(ret, (long)(size / unit_of(size)));
}

static bool get_used(const struct bmc_row *row, struct sn_value *ret)
{
	int64_t size = size_of(row), used = used_of(row);

	return size != BMC_UNKNOWN && used != BMC_UNKNOWN &&
	       sn_integer(ret, (long)(MIN(used, size) / unit_of(size)));
}

static size_t storage_rows(const struct sn_ordered **ret)
{
	static struct list storages;

	return make(&storages, MEMORY | ROOT | DISK, ret);
}

/* ---- hrDeviceTable and what augments it ---- */

static bool get_device_type(const struct bmc_row *row, struct sn_value *ret)
{
	return hr_name(ret, row->status == PROCESSOR ? HR ".3.1.3"
			    : row->status == NIC     ? HR ".3.1.4"
						     : HR ".3.1.6");
}

static bool get_device_descr(const struct bmc_row *row, struct sn_value *ret)
{
	const struct bmc_row *is = subject(row);
	const struct bmc_board *b = (const struct bmc_board *)is;

	if (!is)
		return false;
	if (row->status == PROCESSOR)
		return sn_text_max(ret, *b->cpu_model ? b->cpu_model : b->soc, 64);
	if (row->status == DISK && *disk(row)->model)
		return sn_text_max(ret, disk(row)->model, 64);
	return sn_text_max(ret, is->id, 64);
}

static bool get_no_name(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	return sn_no_name(ret);
}

static bool get_status(const struct bmc_row *row, struct sn_value *ret)
{
	enum { UNKNOWN = 1, RUNNING, WARNING, DOWN = 5 };
	const struct bmc_row *is = subject(row);

	if (!is)
		return false;
	if (is->status == BMC_STATUS_UNKNOWN)
		return sn_integer(ret, UNKNOWN);
	if (is->status != BMC_ENABLED)
		return sn_integer(ret, DOWN);
	return sn_integer(ret,
			  row->status != PROCESSOR && is->own_health > BMC_OK_HEALTH
				  ? WARNING
				  : RUNNING);
}

static bool get_load(const struct bmc_row *row, struct sn_value *ret)
{
	const struct bmc_board *b = (const struct bmc_board *)subject(row);

	return b && b->cpu_load != BMC_UNKNOWN &&
	       sn_number(ret, ASN_INTEGER, (b->cpu_load + 500) / 1000, 100);
}

static bool get_interface(const struct bmc_row *row, struct sn_value *ret)
{
	return sn_integer(ret, (long)(row->index[0] - NIC_INDEX));
}

static bool get_access(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	return sn_integer(ret, 1); /* readWrite */
}

static bool get_media(const struct bmc_row *row, struct sn_value *ret)
{
	enum { OTHER = 1, HARD_DISK = 3 };

	return subject(row) &&
	       sn_integer(ret, disk(row)->media == BMC_MEDIA_HDD ? HARD_DISK : OTHER);
}

static bool get_removable(const struct bmc_row *row, struct sn_value *ret)
{
	return subject(row) &&
	       sn_integer(ret, disk(row)->media == BMC_MEDIA_SD ? 1 : 2);
}

static bool get_capacity(const struct bmc_row *row, struct sn_value *ret)
{
	return subject(row) && disk(row)->bytes != BMC_UNKNOWN &&
	       sn_number(ret, ASN_INTEGER, disk(row)->bytes / 1024, INT32_MAX);
}

static size_t device_rows(const struct sn_ordered **ret)
{
	static struct list devices;

	return make(&devices, PROCESSOR | NIC | DISK, ret);
}

static size_t processor_rows(const struct sn_ordered **ret)
{
	static struct list processors;

	return make(&processors, PROCESSOR, ret);
}

static size_t network_rows(const struct sn_ordered **ret)
{
	static struct list nics;

	return make(&nics, NIC, ret);
}

static size_t disk_rows(const struct sn_ordered **ret)
{
	static struct list disks;

	return make(&disks, DISK, ret);
}

/* ---- tables ---- */

static const struct sn_column system_columns[] = {
	SN_GET(1, "hrSystemUptime", ASN_TIMETICKS, get_up_time),
	SN_GET(2, "hrSystemDate", ASN_OCTET_STR, get_date),
};
static const struct sn_column memory_column[] = {
	SN_GET(0, "hrMemorySize", ASN_INTEGER, get_memory),
};
static const struct sn_column storage_columns[] = {
	SN_GET(1, "hrStorageIndex", ASN_INTEGER, get_index),
	SN_GET(2, "hrStorageType", ASN_OBJECT_ID, get_storage_type),
	SN_GET(3, "hrStorageDescr", ASN_OCTET_STR, get_storage_descr),
	SN_GET(4, "hrStorageAllocationUnits", ASN_INTEGER, get_unit),
	SN_GET(5, "hrStorageSize", ASN_INTEGER, get_size),
	SN_GET(6, "hrStorageUsed", ASN_INTEGER, get_used),
};
static const struct sn_column device_columns[] = {
	SN_GET(1, "hrDeviceIndex", ASN_INTEGER, get_index),
	SN_GET(2, "hrDeviceType", ASN_OBJECT_ID, get_device_type),
	SN_GET(3, "hrDeviceDescr", ASN_OCTET_STR, get_device_descr),
	SN_GET(4, "hrDeviceID", ASN_OBJECT_ID, get_no_name),
	SN_GET(5, "hrDeviceStatus", ASN_INTEGER, get_status),
};
static const struct sn_column processor_columns[] = {
	SN_GET(1, "hrProcessorFrwID", ASN_OBJECT_ID, get_no_name),
	SN_GET(2, "hrProcessorLoad", ASN_INTEGER, get_load),
};
static const struct sn_column network_columns[] = {
	SN_GET(1, "hrNetworkIfIndex", ASN_INTEGER, get_interface),
};
static const struct sn_column disk_columns[] = {
	SN_GET(1, "hrDiskStorageAccess", ASN_INTEGER, get_access),
	SN_GET(2, "hrDiskStorageMedia", ASN_INTEGER, get_media),
	SN_GET(3, "hrDiskStorageRemoveble", ASN_INTEGER, get_removable),
	SN_GET(4, "hrDiskStorageCapacity", ASN_INTEGER, get_capacity),
};

/* A table of devices or storages. */
#define HR_TABLE(variable, name_, at_, index_, rows_, columns_) \
	const struct sn_table variable = {                      \
		.name = (name_),                                \
		.at = HR at_,                                   \
		.kind = BMC_CHASSIS,                            \
		.n_index = 1,                                   \
		.index = { { index_ } },                        \
		.rows = (rows_),                                \
		.columns = (columns_),                          \
		.n_columns = ARRAY_SIZE(columns_),              \
	}

const struct sn_table sn_hr_system = {
	.name = "hrSystem",
	.at = HR ".1",
	.kind = BMC_CHASSIS,
	.columns = system_columns,
	.n_columns = ARRAY_SIZE(system_columns),
};
const struct sn_table sn_hr_memory = {
	.name = "hrMemorySize",
	.at = HR ".2.2",
	.kind = BMC_CHASSIS,
	.columns = memory_column,
	.n_columns = ARRAY_SIZE(memory_column),
};
HR_TABLE(sn_hr_storage_table, "hrStorageTable", ".2.3.1", "hrStorageIndex",
	 storage_rows, storage_columns);
HR_TABLE(sn_hr_device_table, "hrDeviceTable", ".3.2.1", "hrDeviceIndex", device_rows,
	 device_columns);
HR_TABLE(sn_hr_processor_table, "hrProcessorTable", ".3.3.1", "hrDeviceIndex",
	 processor_rows, processor_columns);
HR_TABLE(sn_hr_network_table, "hrNetworkTable", ".3.4.1", "hrDeviceIndex", network_rows,
	 network_columns);
HR_TABLE(sn_hr_disk_table, "hrDiskStorageTable", ".3.6.1", "hrDeviceIndex", disk_rows,
	 disk_columns);
