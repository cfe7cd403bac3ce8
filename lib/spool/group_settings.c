/* Settings of a group, in the index. */
#include "spool/group_settings.h"

#include "base/fail.h"
#include "base/parse.h"
#include "spool/index.h"

#include <limits.h>

#define LEASE_MAX_MS (366 * 24 * 3600 * 1000LL)

/* SQLite has no checksums: a row that makes no sense is none. */
static bool
is_good(const struct group_settings *settings)
{
	return settings->lease_ms >= 0 && settings->lease_ms <= LEASE_MAX_MS &&
	    settings->start_age_ms >= GROUP_START_FIRST &&
	    settings->max_attempts >= 0 && settings->max_attempts <= INT_MAX &&
	    settings->session_ms >= 0 && settings->session_ms <= INT_MAX &&
	    settings->beat_ms >= 0 &&
	    group_beat_ms(settings) < group_session_ms(settings);
}

int64_t
group_session_ms(const struct group_settings *settings)
{
	return settings->session_ms > 0 ? settings->session_ms :
	    GROUP_SESSION_MS;
}

int64_t
group_beat_ms(const struct group_settings *settings)
{
	return settings->beat_ms > 0 ? settings->beat_ms : GROUP_BEAT_MS;
}

int
group_settings_check(const struct group_settings *settings)
{
	if (is_good(settings))
		return 0;
	if (group_beat_ms(settings) >= group_session_ms(settings))
		return fail(FAIL_CONFIG, "share.heartbeat.interval.ms: %lld is "
		    "not less than share.session.timeout.ms, %lld",
		    (long long)group_beat_ms(settings),
		    (long long)group_session_ms(settings));
	return fail(FAIL_CONFIG, "share.record.lock.duration.ms: a lease of "
	    "%lld ms is too long", (long long)settings->lease_ms);
}

int
group_settings_read(struct sql *sql, const char *group,
    struct group_settings *settings)
{
	int64_t row[5];
	int result;

	*settings = GROUP_SETTINGS_NONE;
	sql_bind_text(sql, SQL_GROUP_SETTING_GET, 1, group);
	result = sql_get(sql, SQL_GROUP_SETTING_GET, SQL_NO_VALUES, row, 5);
	if (result != 1)
		return result;
	*settings = (struct group_settings){row[0], row[1], row[2], row[3],
	    row[4]};
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
	if (settings->lease_ms == 0 && settings->max_attempts == 0 &&
	    settings->session_ms == 0 && settings->beat_ms == 0 &&
	    settings->start_age_ms == GROUP_START_FIRST) {
		sql_bind_text(sql, SQL_GROUP_SETTING_DROP, 1, group);
		return sql_run(sql, SQL_GROUP_SETTING_DROP, SQL_NO_VALUES);
	}
	sql_bind_text(sql, SQL_GROUP_SETTING_SET, 6, group);
	return sql_run(sql, SQL_GROUP_SETTING_SET,
	    SQL_VALUES(settings->lease_ms, settings->start_age_ms,
	        settings->max_attempts, settings->session_ms,
	        settings->beat_ms));
}

int
group_settings_set(struct spool *spool, const char *group,
    const struct group_settings *settings)
{
	struct index *index;
	int result = check_name(group, "group");

	if (result >= 0)
		result = group_settings_check(settings);
	if (result >= 0)
		result = index_open(&index, spool);
	if (result >= 0)
		result = index_begin(index);
	if (result < 0)
		return result;
	result = index_end(index, store(index_sql(index), group, settings));
	return result < 0 ? result : index_durable(index);
}
