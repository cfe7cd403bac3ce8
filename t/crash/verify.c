/* Recovers a spool after a crash and checks what was promised. */
#include "verify.h"
#include "consume.h"
#include "known.h"
#include "disk.h"
#include "view.h"
#include "base/fail.h"
#include "base/hash.h"
#include "spool/check.h"
#include "spool/state.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RECOVERED_SLOTS = 1 << 21 };

static struct known recovered;

struct verify {
	const char *path;
	const struct promises *promises;
	bool is_killed;
	uint64_t key;
	char *why;
	struct spool *spool;
	struct view view;
	int leftovers;
	int findings;
};

__attribute__((format(printf, 2, 3))) static int
wrong(struct verify *verify, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vsnprintf(verify->why, WHY_SIZE, format, list);
	va_end(list);
	return -1;
}

static int
open_spool(struct verify *verify, enum spool_mode mode)
{
	if (spool_open(&verify->spool, verify->path, mode, true) >= 0)
		return 0;
	verify->spool = NULL;
	return wrong(verify, "cannot open the spool: %s", fail_message());
}

static void
close_spool(struct verify *verify)
{
	spool_close(verify->spool);
	verify->spool = NULL;
}

static int
check_put(struct verify *verify, const struct promise *it)
{
	const struct seen *at = NULL;
	int count = view_find(&verify->view, it->topic, it->word, &at);
	struct seen promised = {
		.partition = it->partition,
		.offset = it->first,
	};

	if (count == 0)
		return is_trim_tried(verify->promises, it->topic,
		           it->partition, it->first)
		    ? 0
		    : wrong(verify, "%s is not in %s", it->word, it->topic);
	snprintf(promised.topic, WORD_MAX, "%s", it->topic);
	snprintf(promised.value, WORD_MAX, "%s", it->word);
	if (!has_view_message(&verify->view, &promised))
		return wrong(verify, "%s is at %d:%lld, not %d:%lld",
		    it->word, at->partition, (long long)at->offset,
		    it->partition, (long long)it->first);
	return 0;
}

static int
check_topic_promise(struct verify *verify, const struct promise *it)
{
	int partitions = 0;
	bool is_there = has_view_topic(&verify->view, it->topic, &partitions);

	if (it->kind == GONE && is_there)
		return wrong(verify, "topic %s has come back", it->topic);
	if (it->kind == TOPIC && partitions < it->first)
		return wrong(verify, "topic %s has %d partitions, not %lld",
		    it->topic, partitions, (long long)it->first);
	return 0;
}

static int
check_promise(struct verify *verify, int index)
{
	const struct promise *it = &verify->promises->list[index];

	if (is_promise_void(verify->promises, index))
		return 0;
	if (it->kind == PUT || (it->kind == KEEP && verify->is_killed))
		return check_put(verify, it);
	if (it->kind == TOPIC || it->kind == GONE)
		return check_topic_promise(verify, it);
	if (it->kind == DEAD && view_letters(&verify->view, it->topic,
	        it->word, it->partition, it->first) != 1)
		return wrong(verify, "there is not one letter of %s %lld",
		    it->topic, (long long)it->first);
	return 0;
}

/* What is seen must have been tried, and as often. */
static int
check_seen(struct verify *verify, const struct seen *seen)
{
	char topic[WORD_MAX];
	const struct seen *other;
	size_t size = strlen(seen->topic);
	int tries, count;

	snprintf(topic, sizeof(topic), "%s", seen->topic);
	if (size > 5 && strcmp(topic + size - 5, ".dead") == 0)
		topic[size - 5] = 0;
	tries = promises_count_tries(verify->promises, topic, seen->value);
	if (is_trimmed(verify->promises, seen->topic, seen->partition,
	        seen->offset))
		return wrong(verify, "%s was trimmed, and has come back",
		    seen->value);
	if (tries == 0)
		return wrong(verify, "'%s' of %s was never put, or refused",
		    seen->value, seen->topic);
	if (*seen->group != 0)
		return view_letters(&verify->view, topic, seen->group,
		           seen->origin_partition, seen->origin_offset) == 1
		    ? 0
		    : wrong(verify, "two letters of %s", seen->value);
	count = view_find(&verify->view, seen->topic, seen->value, &other);
	if (count > tries)
		return wrong(verify, "%s is in %s %d times", seen->value,
		    seen->topic, count);
	return 0;
}

static int
check_view(struct verify *verify)
{
	int rc = 0;

	if (view_read(&verify->view, verify->spool) < 0)
		return wrong(verify, "cannot read: %s", fail_message());
	if (verify->is_killed && verify->view.holes > 0)
		return wrong(verify, "damaged by a kill: %s",
		    verify->view.hole);
	for (int i = 0; i < verify->promises->count && rc == 0; i++)
		rc = check_promise(verify, i);
	for (int i = 0; i < verify->view.count && rc == 0; i++)
		rc = check_seen(verify, &verify->view.list[i]);
	return rc;
}

static int
dump_group(const struct group_state *state, void *context)
{
	buf_printf(context, "%s %s %d: %lld-%lld lag %lld\n", state->group,
	    state->topic, state->partition, (long long)state->start,
	    (long long)state->end, (long long)state->lag);
	return 0;
}

static int
dump_lease(const struct lease_state *lease, void *context)
{
	buf_printf(context, "%s %s %d: %lld-%lld attempt %d %d\n",
	    lease->group, lease->topic, lease->partition,
	    (long long)lease->first, (long long)lease->last, lease->attempt,
	    lease->is_leased);
	return 0;
}

static bool
has_index(struct spool *spool)
{
	return faccessat(spool_directory(spool), "index.db", F_OK, 0) == 0;
}

/* All that a recovery must find again. */
static int
dump(struct verify *verify, struct buf *out)
{
	int rc;

	for (int i = 0; i < verify->view.count; i++) {
		const struct seen *seen = &verify->view.list[i];

		buf_printf(out, "%s:%d:%lld %s\n", seen->topic,
		    seen->partition, (long long)seen->offset, seen->value);
	}
	/* Asking for the state of groups would make an index. */
	if (!has_index(verify->spool))
		return 0;
	rc = state_list(verify->spool, NULL, NULL, dump_group, out);
	if (rc >= 0)
		rc = state_leases(verify->spool, NULL, NULL, dump_lease, out);
	if (rc < 0 && rc != -FAIL_MISSING)
		return wrong(verify, "no state: %s", fail_message());
	return 0;
}

/* What a killed process left lying about is a finding; mq-fsck -y takes it
 * away. Nothing else may be found. */
static void
report(const struct check_finding *finding, void *context)
{
	struct verify *verify = context;

	if (strstr(finding->text, "left over by a process") != NULL) {
		verify->leftovers++;
		return;
	}
	verify->findings++;
	wrong(verify, "fsck: %s: byte %lld: %s", finding->path,
	    (long long)finding->byte, finding->text);
}

static int
fsck_topic(const char *name, void *context)
{
	struct verify *verify = context;
	int rc = check_topic(verify->spool, name, report, verify);

	if (rc < 0)
		wrong(verify, "fsck: %s", fail_message());
	return rc < 0 ? rc : 0;
}

static int
fsck(struct verify *verify)
{
	int rc = open_spool(verify, SPOOL_READ);

	if (rc < 0)
		return rc;
	verify->leftovers = verify->findings = 0;
	rc = spool_list_topics(verify->spool, fsck_topic, verify);
	if (rc == 0)
		rc = check_spool(verify->spool, report, verify);
	if (rc < 0)
		wrong(verify, "fsck: %s", fail_message());
	close_spool(verify);
	return rc < 0 || verify->findings > 0 ? -1 : 0;
}

static int
mend_topic(const char *name, void *context)
{
	return check_mend_topic(context, name);
}

/* As mq-fsck -y does. */
static int
mend_all(struct verify *verify)
{
	int rc = open_spool(verify, SPOOL_WRITE);

	if (rc < 0)
		return rc;
	if (spool_list_topics(verify->spool, mend_topic, verify->spool) < 0 ||
	    check_mend_spool(verify->spool) < 0)
		rc = wrong(verify, "fsck -y: %s", fail_message());
	close_spool(verify);
	return rc;
}

static int
mend(struct verify *verify)
{
	int rc = mend_all(verify);

	if (rc == 0)
		rc = fsck(verify);
	if (rc == 0 && verify->leftovers > 0)
		rc = wrong(verify, "fsck -y leaves something lying about");
	return rc;
}

static int
look(struct verify *verify, struct buf *out)
{
	int rc = open_spool(verify, SPOOL_WRITE);

	if (rc < 0)
		return rc;
	rc = check_view(verify);
	if (rc == 0 && verify->view.holes > 0)
		rc = wrong(verify, "a hole after recovery: %s",
		    verify->view.hole);
	if (rc == 0)
		rc = dump(verify, out);
	close_spool(verify);
	return rc;
}

/* The second look must see what the first did. */
static int
look_again(struct verify *verify, const struct buf *first)
{
	struct buf second = {0};
	int rc = fsck(verify);

	if (rc == 0 && verify->leftovers > 0)
		rc = mend(verify);
	if (rc == 0 && getenv("CRASH_SPOIL") != NULL)
		disk_spoil();
	if (rc == 0)
		rc = look(verify, &second);
	if (rc == 0 && !slice_equal(buf_slice(first), buf_slice(&second)))
		rc = wrong(verify, "recovered twice, it differs:\n%s---\n%s",
		    buf_text((struct buf *)first), buf_text(&second));
	buf_release(&second);
	return rc;
}

static int
use(struct verify *verify, bool is_put_first)
{
	int rc = open_spool(verify, SPOOL_WRITE);

	if (rc == 0 && verify->is_killed)
		rc = consume_check_held(verify->spool, verify->promises,
		    verify->why);
	if (rc == 0)
		rc = consume_check(verify->spool, verify->promises,
		    &verify->view, is_put_first, verify->why);
	if (verify->spool != NULL)
		close_spool(verify);
	return rc;
}

/* All that the rest of the check depends on. */
static uint64_t
hash_recovered(const struct verify *verify, const struct buf *seen)
{
	uint64_t parts[] = {
		verify->key,
		disk_hash(),
		hash_bytes(seen->data, seen->size),
	};

	return hash_bytes(parts, sizeof(parts)) | 1;
}

static int
recover(struct verify *verify)
{
	struct buf first = {0};
	uint64_t hash = 0;
	int rc = is_stop_tried(verify->promises) ? mend_all(verify) : 0;

	if (rc == 0)
		rc = look(verify, &first);
	if (rc == 0)
		hash = hash_recovered(verify, &first);
	if (rc == 0 && !is_known(&recovered, hash)) {
		rc = look_again(verify, &first);
		if (rc == 0)
			rc = use(verify, hash & 2);
		if (rc == 0)
			known_add(&recovered, hash);
	}
	buf_release(&first);
	return rc;
}

/* Before anything was promised the spool may be missing, or half made. */
static bool
is_spool_promised(const struct promises *promises)
{
	for (int i = 0; i < promises->count; i++) {
		enum promise_kind kind = promises->list[i].kind;

		if (kind == PUT || kind == TOPIC || kind == KEEP)
			return true;
	}
	return false;
}

static int
read_only(struct verify *verify)
{
	int rc = open_spool(verify, SPOOL_READ);

	if (rc < 0)
		return rc;
	rc = check_view(verify);
	close_spool(verify);
	return rc;
}

int
verify(const char *path, const struct promises *promises, bool is_killed,
    uint64_t key, char why[WHY_SIZE])
{
	static struct verify verify;
	int rc;

	/* Not all of it: clearing the view takes longer than some checks. */
	verify.path = path;
	verify.promises = promises;
	verify.is_killed = is_killed;
	verify.key = key;
	verify.why = why;
	rc = spool_open(&verify.spool, path, SPOOL_READ, true);
	if (rc == -FAIL_MISSING && !is_spool_promised(promises))
		return 0;
	spool_close(verify.spool);
	rc = read_only(&verify);
	return rc == 0 ? recover(&verify) : rc;
}

void
verify_share(void)
{
	known_share(&recovered, RECOVERED_SLOTS);
}

int
verify_recover(const char *path)
{
	static struct view view;
	struct buf out = {0};
	struct spool *spool;
	int rc = spool_open(&spool, path, SPOOL_WRITE, true);

	if (rc < 0)
		return rc;
	rc = view_read(&view, spool);
	if (rc >= 0 && has_index(spool))
		rc = state_list(spool, NULL, NULL, dump_group, &out);
	spool_close(spool);
	buf_release(&out);
	return rc;
}
