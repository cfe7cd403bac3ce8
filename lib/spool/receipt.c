/* Receipts: leases as text, and settling them without being a member. */
#include "base/clock.h"
#include "base/fail.h"
#include "base/futex.h"
#include "base/parse.h"
#include "spool/member.h"

#include <stdlib.h>
#include <string.h>

enum { PARTITION_MAX = 1 << 20 };

void
receipt_print(const struct receipt *receipt, struct buf *out)
{
	buf_printf(out, "%s:%d:%lld", receipt->topic, receipt->partition,
	    (long long)receipt->first);
	if (receipt->last != receipt->first)
		buf_printf(out, "-%lld", (long long)receipt->last);
	buf_printf(out, ":%s:%llx", receipt->group,
	    (unsigned long long)receipt->token);
}

/* The text up to a colon, which is left out; NULL if too long, or without. */
static const char *
take_field(const char *text, char *field, size_t size)
{
	size_t length = strcspn(text, ":");

	if (length >= size || text[length] != ':')
		return NULL;
	memcpy(field, text, length);
	field[length] = 0;
	return text + length + 1;
}

static int
parse_offsets(char *text, struct receipt *receipt)
{
	char *last = strchr(text, '-');
	int result;

	if (last != NULL)
		*last++ = 0;
	result = parse_integer(text, "receipt: offset", 0, INT64_MAX - 1,
	    &receipt->first);
	receipt->last = receipt->first;
	if (result >= 0 && last != NULL)
		result = parse_integer(last, "receipt: offset",
		    receipt->first, INT64_MAX - 1, &receipt->last);
	return result;
}

static int
parse_token(const char *text, struct receipt *receipt)
{
	char *end;

	if (text[0] == 0 || strlen(text) > 16 ||
	    strspn(text, "0123456789abcdef") != strlen(text))
		return fail(FAIL_USAGE,
		    "receipt: '%s': expected a hexadecimal token", text);
	receipt->token = strtoull(text, &end, 16);
	if (receipt->token == 0 || receipt->token > INT64_MAX)
		return fail(FAIL_USAGE, "receipt: '%s': no such token", text);
	return 0;
}

int
receipt_parse(const char *text, struct receipt *receipt)
{
	char partition[32], offsets[64];
	enum { TOKEN_MAX = 16 };
	const char *at = text;
	int64_t number = 0;
	int result;

	at = take_field(at, receipt->topic, sizeof(receipt->topic));
	at = at ? take_field(at, partition, sizeof(partition)) : NULL;
	at = at ? take_field(at, offsets, sizeof(offsets)) : NULL;
	at = at ? take_field(at, receipt->group, sizeof(receipt->group)) : NULL;
	if (at == NULL || strlen(at) > TOKEN_MAX)
		return fail(FAIL_USAGE, "receipt: '%.100s': expected "
		    "TOPIC:PARTITION:FIRST[-LAST]:GROUP:TOKEN", text);
	result = check_name(receipt->topic, "receipt: topic");
	if (result >= 0)
		result = check_name(receipt->group, "receipt: group");
	if (result >= 0)
		result = parse_integer(partition, "receipt: partition", 0,
		    PARTITION_MAX, &number);
	receipt->partition = (int)number;
	if (result >= 0)
		result = parse_offsets(offsets, receipt);
	return result < 0 ? result : parse_token(at, receipt);
}

/* One (group, topic, partition) that receipts of a call name. */
struct target {
	struct target *next;
	const struct receipt *name;
	struct source source;
	struct sub sub;
	bool is_missing; /* no such topic, group or partition: all is lost */
};

struct settling {
	struct spool *spool;
	struct index *index;
	struct target *targets;
	bool is_durable;
	bool is_committed; /* done, though it may not be durable */
};

static struct target *
find_target(struct settling *settling, const struct receipt *receipt)
{
	struct target *target = settling->targets;

	while (target != NULL &&
	    (target->name->partition != receipt->partition ||
	        strcmp(target->name->topic, receipt->topic) != 0 ||
	        strcmp(target->name->group, receipt->group) != 0))
		target = target->next;
	return target;
}

static int
add_target(struct settling *settling, const struct receipt *receipt)
{
	struct target *target = memory_alloc(sizeof(*target));
	int result;

	target->name = receipt;
	target->next = settling->targets;
	settling->targets = target;
	result = topic_open(&target->source.topic, settling->spool,
	    receipt->topic);
	if (result == -FAIL_MISSING)
		target->is_missing = true;
	else if (result < 0)
		return result;
	else if (receipt->partition >=
	    topic_partition_count(target->source.topic))
		target->is_missing = true;
	target->sub = (struct sub){
		.index = settling->index,
		.source = &target->source,
		.number = receipt->partition,
		.group = receipt->group,
	};
	return 0;
}

/* Looks up the rows; 0 if there are none. */
static int
attach_target(struct target *target)
{
	struct sql *sql = index_sql(target->sub.index);
	struct group_settings settings;
	int64_t row[7];
	int result = group_settings_read(sql, target->name->group, &settings);

	sql_bind_text(sql, SQL_GROUP_FIND, 1, target->name->group);
	if (result >= 0)
		result = sql_get(sql, SQL_GROUP_FIND, SQL_NO_VALUES, row, 7);
	if (result != 1)
		return result;
	target->sub.grp = row[0];
	target->sub.order = (enum group_order)row[1];
	if (row[3] <= 0 && target->sub.order != ORDER_PARTITION)
		row[3] = settings.lease_ms;
	if (row[4] <= 0 && target->sub.order != ORDER_PARTITION)
		row[4] = settings.max_attempts;
	member_set_policy(&target->source, row[3], row[4], row[5], row[6]);
	result = index_topic(target->sub.index, target->source.topic,
	    &target->source.row);
	if (result >= 0)
		result = sql_get(sql, SQL_SUB_FIND,
		    SQL_VALUES(row[0], target->source.row,
		        target->name->partition), &target->sub.id, 1);
	if (result != 1)
		return result;
	result = sub_load(&target->sub);
	return result < 0 ? result : 1;
}

static int
attach_all(struct settling *settling)
{
	for (struct target *target = settling->targets; target != NULL;
	     target = target->next) {
		int result = 0;

		if (target->source.topic == NULL || target->is_missing)
			continue;
		target->sub.is_loaded = false;
		result = attach_target(target);
		if (result < 0)
			return result;
		target->is_missing = result == 0;
	}
	return 0;
}

static int
settle(struct settling *settling, struct receipt_settlement *settlement)
{
	struct target *target = find_target(settling, &settlement->receipt);
	struct failure failure = {.reason = settlement->reason,
	    .exit_status = -1};
	struct lease_change change = {
		.first = settlement->receipt.first,
		.last = settlement->receipt.last,
		.token = settlement->receipt.token,
		.outcome = settlement->outcome,
		.delay_ms = settlement->delay_ms,
		.lease_ms = settlement->lease_ms,
		.is_attempt = settlement->is_attempt,
		.failure = &failure,
	};
	int result;

	settlement->lost = 1;
	if (target->is_missing)
		return 1;
	settling->is_durable |= topic_settings(
	    target->source.topic)->sync == SYNC_ALWAYS;
	result = lease_settle(&target->sub, &change);
	settlement->lost = result != 0;
	/* An owner may wait for the end of this lease. */
	target->sub.is_ring |= target->sub.order == ORDER_PARTITION;
	return result;
}

static int
work(struct settling *settling, struct receipt_settlement *settlements,
    size_t count)
{
	int lost = 0;
	int result = attach_all(settling);

	for (size_t i = 0; i < count && result >= 0; i++) {
		result = settle(settling, &settlements[i]);
		if (result > 0)
			lost++;
	}
	for (struct target *target = settling->targets;
	     target != NULL && result >= 0; target = target->next)
		result = sub_store(&target->sub);
	return result < 0 ? result : lost;
}

static void
ring_and_release(struct settling *settling)
{
	while (settling->targets != NULL) {
		struct target *target = settling->targets;
		struct topic *topic = target->source.topic;

		settling->targets = target->next;
		if (target->sub.is_ring && topic_doorbell(topic) != NULL)
			futex_ring(topic_doorbell(topic));
		member_release_source(&target->source);
		topic_close(topic);
		free(target);
	}
}

static int
run(struct settling *settling, struct receipt_settlement *settlements,
    size_t count)
{
	int lost, result = index_begin(settling->index);

	if (result < 0)
		return result;
	lost = work(settling, settlements, count);
	result = index_end(settling->index, lost);
	if (result < 0)
		return result;
	settling->is_committed = true;
	if (settling->is_durable)
		result = index_durable(settling->index);
	return result < 0 ? result : lost;
}

int
group_settle_receipts(struct spool *spool,
    struct receipt_settlement *settlements, size_t count, struct buf *notice)
{
	struct settling settling = {.spool = spool};
	const char *text;
	uint64_t generation;
	int result = index_open(&settling.index, spool);

	for (size_t i = 0; i < count && result >= 0; i++) {
		if (find_target(&settling, &settlements[i].receipt) == NULL)
			result = add_target(&settling,
			    &settlements[i].receipt);
	}
	if (result >= 0) {
		generation = index_generation(settling.index);
		result = run(&settling, settlements, count);
		if (!settling.is_committed && (result == -FAIL_AGAIN ||
		    (result < 0 &&
		        index_generation(settling.index) != generation)))
			result = run(&settling, settlements, count);
	}
	text = settling.index != NULL ? index_notice(settling.index) : NULL;
	if (text != NULL && notice != NULL)
		buf_append_text(notice, text);
	ring_and_release(&settling);
	return result;
}
