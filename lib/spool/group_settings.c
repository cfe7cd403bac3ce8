/* Settings of a group, in the index. */
#include "spool/group_settings.h"

#include "base/fail.h"
#include "base/parse.h"
#include "spool/index.h"

#define LEASE_MAX_MS (366 * 24 * 3600 * 1000LL)

/* SQLite has no checksums: a row that makes no sense is none. */
static bool
is_good(const struct group_settings *settings)
{
	return settings->lease_ms >= 0 && settings->lease_ms <= LEASE_MAX_MS &&
	    settings->start_age_ms >= GROUP_START_FIRST;
}

int
group_settings_read(struct sql *sql, const char *group,
    struct group_settings *settings)
{
	int64_t row[2];
	int result;

	*settings = GROUP_SETTINGS_NONE;
	sql_bind_text(sql, SQL_GROUP_SETTING_GET, 1, group);
	result = sql_get(sql, SQL_GROUP_SETTING_GET, SQL_NO_VALUES, row, 2);
	if (result != 1)
		return result;
	*settings = (struct group_settings){row[0], row[1]};
	if (!is_good(settings))
		*settings = GROUP_SETTINGS_NONE;
	return 0;
}

int
group_settings_get(struct spool *spool, const char *group,
    struct group_settings *settings)
{
	struct index *index;
	int result = index_open_read(&index, spool);

	*settings = GROUP_SETTINGS_NONE;
	if (result <= 0)
		return result;
	result = group_settings_read(index_sql(index), group, settings);
	index_abort(index);
	return result;
}

static int
store(struct sql *sql, const char *group,
    const struct group_settings *settings)
{
	if (settings->lease_ms == 0 &&
	    settings->start_age_ms == GROUP_START_FIRST) {
		sql_bind_text(sql, SQL_GROUP_SETTING_DROP, 1, group);
		return sql_run(sql, SQL_GROUP_SETTING_DROP, SQL_NO_VALUES);
	}
	sql_bind_text(sql, SQL_GROUP_SETTING_SET, 3, group);
	return sql_run(sql, SQL_GROUP_SETTING_SET,
	    SQL_VALUES(settings->lease_ms, settings->start_age_ms));
}

int
group_settings_set(struct spool *spool, const char *group,
    const struct group_settings *settings)
{
	struct index *index;
	int result = check_name(group, "group");

	if (result >= 0 && !is_good(settings))
		result = fail(FAIL_CONFIG, "group %s: a lease of %lld ms, a "
		    "start of %lld ms", group, (long long)settings->lease_ms,
		    (long long)settings->start_age_ms);
	if (result >= 0)
		result = index_open(&index, spool);
	if (result >= 0)
		result = index_begin(index);
	if (result < 0)
		return result;
	result = index_end(index, store(index_sql(index), group, settings));
	return result < 0 ? result : index_durable(index);
}
