/* What goes on in a spool while the power goes. */
#include "play.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEXT_SIZE = 64 };

/* A producer: streams of many messages from a file in memory, or a process for
 * each. */
struct producer {
	enum mode mode;
	int partition;
	int batch; /* 0: a process each */
	int count; /* at most */
	int size;
};

static const struct producer producers[] = {
	{ALWAYS, 0, 1, 600, 200},
	{ALWAYS, 0, 20, 900, 100},
	{ALWAYS, 1, 100, 500, 600},
	{ALWAYS, 0, 0, 60, 9000},
	{INTERVAL, 0, 5, 500, 150},
	{NEVER, 0, 3, 500, 300},
};

enum { PRODUCERS = sizeof(producers) / sizeof(producers[0]) };

/* What an actor that runs tools again and again has to know. */
struct loop {
	struct actor *actor;
	struct ledger *ledger;
	int number;
};

void
play_create(struct ledger *ledger)
{
	static const char *const sync[MODES] = {"mq.sync=always",
		"mq.sync=interval:5ms", "mq.sync=never"};

	for (int i = 0; i < MODES; i++) {
		char *argv[] = {"mq-topic", "create", "-p", "2", "-X",
			(char *)sync[i], "-X", "segment.bytes=64K",
			(char *)ledger_topics[i], NULL};
		int out = actor_file();

		if (actor_run(argv, out) != 0)
			ledger_problem(ledger, "mq-topic create: %s",
			    actor_errors());
		close(out);
	}
}

static void
change_nothing(void *context)
{
	(void)context;
}

static void
put_each(void *context)
{
	struct loop *loop = context;
	const struct producer *producer = &producers[loop->number];
	char partition[TEXT_SIZE];
	struct buf value = {0};

	snprintf(partition, sizeof(partition), "%d", producer->partition);
	for (int i = 0; i < producer->count; i++) {
		char *argv[] = {"mq-put", "-v", "-p", partition, "-m", NULL,
			(char *)ledger_topics[producer->mode], NULL};

		buf_clear(&value);
		ledger_format(loop->ledger, loop->number, i, &value);
		argv[5] = (char *)buf_text(&value);
		if (actor_run(argv, loop->actor->out) != 0)
			return;
	}
}

static void
put_stream(struct loop *loop)
{
	const struct producer *producer = &producers[loop->number];
	char partition[TEXT_SIZE], batch[TEXT_SIZE];
	char *argv[] = {"mq-put", "-v", "-p", partition, "--batch", batch,
		(char *)ledger_topics[producer->mode], NULL};
	struct buf lines = {0};
	int in = actor_file();

	snprintf(partition, sizeof(partition), "%d", producer->partition);
	snprintf(batch, sizeof(batch), "%d", producer->batch);
	for (int i = 0; i < producer->count; i++) {
		ledger_format(loop->ledger, loop->number, i, &lines);
		buf_append_byte(&lines, '\n');
	}
	if (write(in, lines.data, lines.size) != (ssize_t)lines.size ||
	    lseek(in, 0, SEEK_SET) != 0)
		abort();
	buf_release(&lines);
	actor_start(loop->actor, argv, in);
	close(in);
}

/* Settled once mq-get has ended well. */
static void
get_each(void *context)
{
	struct loop *loop = context;
	char count[TEXT_SIZE];

	for (int i = 0;; i++) {
		char *argv[] = {"mq-get", "-g", "after", "-w", "1s", "-c",
			count, "-f", LEDGER_FORMAT, "always", "interval",
			"never", NULL};

		snprintf(count, sizeof(count), "%d", 1 + 7 * i % 40);
		if (actor_run(argv, loop->actor->out) != 0)
			return;
		actor_say(loop->actor->out, "OK");
	}
}

/* The receipts of what was said from byte `from` on. */
static int
take_receipts(char *text, char **receipts, int max)
{
	int count = 0;

	for (char *tab = strchr(text, '\t'); tab != NULL && count < max;
	     tab = strchr(tab, '\t')) {
		receipts[count++] = ++tab;
		tab = strchr(tab, '\n');
		if (tab == NULL)
			return count - 1;
		*tab++ = '\0';
	}
	return count;
}

static void
ack_each(void *context)
{
	enum { AT_ONCE = 5 };
	struct loop *loop = context;
	int out = loop->actor->out;

	for (;;) {
		char *get[] = {"mq-get", "-g", "manual", "--ack=manual",
			"--lease=50ms", "-w", "1s", "-c", "5", "-f",
			LEDGER_FORMAT, "always", NULL};
		char *ack[AT_ONCE + 2] = {"mq-ack"}, text[32768] = "";
		off_t from = lseek(out, 0, SEEK_CUR);
		int status;

		if (actor_run(get, out) != 0 ||
		    pread(out, text, sizeof(text) - 1, from) < 0)
			return;
		take_receipts(text, ack + 1, AT_ONCE);
		status = actor_run(ack, out);
		if (status > 1)
			return;
		actor_say(out, status == 0 ? "OK" : "FAILED");
	}
}

static void
start_consumers(struct play *play, struct loop *loop, bool is_changed)
{
	char *before[] = {"mq-get", "-F", "-g", "before", "--ack=before", "-f",
		LEDGER_FORMAT, "always", NULL};
	struct actor *actor = play->actors + PRODUCERS;

	actor_start(actor, before, -1);
	loop->actor = ++actor;
	actor_start_loop(actor, get_each, loop);
	loop->actor = ++actor;
	actor_start_loop(actor, ack_each, loop);
	actor++;
	play->changes.actor = actor;
	actor_start_loop(actor, is_changed ? changes_make : change_nothing,
	    &play->changes);
}

void
play_start(struct play *play, struct ledger *ledger, unsigned int seed)
{
	struct loop loop = {.ledger = ledger};

	play->noted = 0;
	for (int i = 0; i < PRODUCERS; i++) {
		int number = (int)((unsigned)i + seed) % PRODUCERS;
		const struct producer *producer = &producers[number];

		loop.actor = &play->actors[number];
		loop.number = number;
		ledger_stream(ledger, number, producer->mode,
		    producer->partition)->size = producer->size;
		if (producer->batch == 0)
			actor_start_loop(loop.actor, put_each, &loop);
		else
			put_stream(&loop);
	}
	start_consumers(play, &loop, seed % 4 == 0);
}

void
play_note(struct play *play)
{
	struct stat status;

	if (fstat(play->actors[INTERVAL_PRODUCER].out, &status) == 0)
		play->noted = status.st_size;
}

static int
count_lines(const struct buf *text, int64_t size)
{
	int count = 0;

	for (int64_t i = 0; i < size && i < (int64_t)text->size; i++)
		count += text->data[i] == '\n';
	return count;
}

void
play_close(struct play *play)
{
	actor_note(play->actors, ACTORS);
}

/* Only what is certain; deliveries that are not are deliveries, too. */
static void
take(struct play *play, struct ledger *ledger, int number, struct buf *said)
{
	static const enum group groups[GROUPS] = {BEFORE, AFTER, MANUAL};
	size_t certain = play->actors[number].certain;
	int consumer = number - PRODUCERS;

	if (consumer >= 0 && consumer < GROUPS) {
		ledger_delivered(ledger, groups[consumer], said, certain,
		    groups[consumer] == BEFORE);
		return;
	}
	if (consumer >= GROUPS) {
		changes_note(&play->changes, said, certain);
		return;
	}
	said->size = certain;
	ledger_stored(ledger, number, said);
}

int
play_end(struct play *play, struct ledger *ledger)
{
	struct buf said = {0};
	int noted = 0;

	actor_end(play->actors, ACTORS);
	for (int i = 0; i < ACTORS; i++) {
		buf_clear(&said);
		actor_take(play->actors[i].out, &said);
		if (i < PRODUCERS && producers[i].mode == INTERVAL)
			noted = count_lines(&said, play->noted);
		take(play, ledger, i, &said);
	}
	buf_release(&said);
	return noted;
}

void
play_probe(struct ledger *ledger)
{
	char *argv[] = {"mq-put", "-v", "-p", "0", "-m", NULL, "always", NULL};
	struct buf value = {0}, said = {0};
	int out = actor_file();

	ledger_stream(ledger, PROBE, ALWAYS, 0)->size = 10;
	ledger_format(ledger, PROBE, 0, &value);
	argv[5] = (char *)buf_text(&value);
	if (actor_run(argv, out) != 0)
		ledger_problem(ledger, "mq-put after the cut: %s",
		    actor_errors());
	actor_take(out, &said);
	ledger_stored(ledger, PROBE, &said);
	buf_release(&said);
	buf_release(&value);
}

void
play_consume(struct ledger *ledger, enum group group, int count)
{
	char number[TEXT_SIZE];
	char *argv[] = {"mq-get", "-g", (char *)ledger_groups[group], "-f",
		LEDGER_FORMAT, "always", NULL, NULL, "-c", number, NULL};
	struct buf said = {0};
	int out = actor_file(), status;

	if (group == AFTER) {
		argv[6] = "interval";
		argv[7] = "never";
	} else {
		argv[6] = argv[8];
		argv[7] = argv[9];
		argv[8] = NULL;
	}
	snprintf(number, sizeof(number), "%d", count);
	if (count == 0)
		argv[group == AFTER ? 8 : 6] = NULL;
	status = actor_run(argv, out);
	if (status > 1)
		ledger_problem(ledger, "mq-get -g %s: %d: %s",
		    ledger_groups[group], status, actor_errors());
	actor_take(out, &said);
	ledger_delivered(ledger, group, &said, said.size, status == 0);
	buf_release(&said);
}
