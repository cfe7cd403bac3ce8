/* mq-ack: settles the messages that receipts name. */
#include "base/parse.h"
#include "queue/framing.h"
#include "queue/remote_receipts.h"
#include "spool/group.h"
#include "tool.h"

#include <string.h>
#include <unistd.h>

enum { RECEIPT_MAX = 4096 };

struct ack_options {
	const char *directory;
	const char *brokers;
	bool accept;
	const char *release; /* "" without a duration; NULL: not given */
	const char *reject;  /* "" without a reason */
	const char *renew;   /* "" without a duration */
	bool quiet;
};

#define OPTION(letter, name, type, member, argument, complete, help) \
	{letter, name, type, offsetof(struct ack_options, member), argument, \
	    complete, help}

static const struct option_spec options_table[] = {
	TOOL_OPTION_DIRECTORY(struct ack_options, directory),
	TOOL_OPTION_BROKERS(struct ack_options, brokers),
	OPTION(0, "accept", OPTION_FLAG, accept, NULL, NULL,
	    "the message is done (default)"),
	OPTION(0, "release", OPTION_TEXT, release, "[DUR]", NULL,
	    "give it back: after the back-off, or after DUR"),
	OPTION(0, "reject", OPTION_TEXT, reject, "[REASON]", NULL,
	    "make it a dead letter"),
	OPTION(0, "renew", OPTION_TEXT, renew, "[DUR]", NULL,
	    "hold it for another lease time, or for DUR"),
	OPTION('q', "quiet", OPTION_FLAG, quiet, NULL, NULL,
	    "no notes on stderr"),
	{0},
};

static const struct command command = {
	.name = "mq-ack",
	.operands = "RECEIPT...|-",
	.summary = "settle leased messages by their receipts",
	.options = options_table,
};

/* What to do, as a settlement without its receipt. */
static struct receipt_settlement
read_outcome(const struct ack_options *options)
{
	struct receipt_settlement outcome = {
		.outcome = OUTCOME_ACCEPT,
		.delay_ms = -1,
		.is_attempt = true,
	};
	int given = options->accept + (options->release != NULL) +
	    (options->reject != NULL) + (options->renew != NULL);
	int rc = 0;

	if (given > 1)
		tool_usage("only one of --accept, --release, --reject and "
		    "--renew");
	if (options->release != NULL) {
		outcome.outcome = OUTCOME_RELEASE;
		if (*options->release != 0)
			rc = parse_duration(options->release, "--release",
			    &outcome.delay_ms);
	} else if (options->reject != NULL) {
		outcome.outcome = OUTCOME_REJECT;
		if (*options->reject != 0)
			outcome.reason = options->reject;
	} else if (options->renew != NULL) {
		outcome.outcome = OUTCOME_RENEW;
		if (*options->renew != 0)
			rc = parse_duration(options->renew, "--renew",
			    &outcome.lease_ms);
	}
	if (rc < 0)
		tool_usage("%s", fail_message());
	return outcome;
}

static int
add_receipt(struct buf *list, const struct receipt_settlement *outcome,
    const char *text)
{
	struct receipt_settlement settlement = *outcome;
	int rc = receipt_parse(text, &settlement.receipt);

	if (rc >= 0)
		buf_append(list, &settlement, sizeof(settlement));
	return rc;
}

/* One receipt a line. */
static void
add_input(struct buf *list, const struct receipt_settlement *outcome)
{
	struct framing framing;
	struct framing_options lines = {0};
	struct framing_reader *reader;
	struct message message;
	struct buf text = {0};
	int rc = framing_choose(&lines, &framing);

	if (rc == 0)
		rc = framing_reader_open(&reader, &framing, STDIN_FILENO,
		    "stdin", RECEIPT_MAX);
	while (rc >= 0 &&
	    (rc = framing_reader_next(reader, &message)) != 0) {
		if (rc == FRAMING_DRY)
			tool_wait_input(STDIN_FILENO, -1);
		if (rc != 1)
			continue;
		buf_clear(&text);
		buf_append_slice(&text, message.record.value);
		if (add_receipt(list, outcome, buf_text(&text)) < 0)
			rc = fail(FAIL_DATA, "stdin: %s", fail_message());
	}
	tool_must(rc);
	framing_reader_close(reader);
	framing_release(&framing);
	buf_release(&text);
}

static void
print_lost(const struct receipt_settlement *settlement)
{
	const struct receipt *receipt = &settlement->receipt;

	if (receipt->first == receipt->last)
		tool_note("%s:%d:%lld: the lease of group %s is lost",
		    receipt->topic, receipt->partition,
		    (long long)receipt->first, receipt->group);
	else
		tool_note("%s:%d:%lld-%lld: the lease of group %s is lost",
		    receipt->topic, receipt->partition,
		    (long long)receipt->first, (long long)receipt->last,
		    receipt->group);
}

static int
settle_spool(const char *directory, struct receipt_settlement *settlements,
    size_t count)
{
	struct spool *spool = tool_spool(directory, SPOOL_WRITE);
	struct buf notice = {0};
	int lost = group_settle_receipts(spool, settlements, count, &notice);

	if (notice.size > 0)
		tool_note("%s", buf_text(&notice));
	tool_must(lost);
	buf_release(&notice);
	spool_close(spool);
	return lost;
}

static int
settle_brokers(const char *addresses, struct receipt_settlement *settlements,
    size_t count)
{
	struct brokers *brokers;
	int lost = brokers_open(&brokers, addresses);

	if (lost == 0)
		lost = remote_settle_receipts(brokers, settlements, count);
	tool_must(lost);
	brokers_close(brokers);
	return lost;
}

int
main(int argc, char **argv)
{
	struct ack_options options = {0};
	struct receipt_settlement outcome, *settlements;
	struct buf list = {0};
	const char *brokers;
	size_t count;
	int first, worker, lost;

	tool_options(&command, argc, argv, &options, &first, &worker);
	tool_set_quiet(options.quiet);
	if (first == argc)
		tool_usage("which receipt?");
	outcome = read_outcome(&options);
	for (int i = first; i < argc; i++) {
		if (strcmp(argv[i], "-") == 0)
			add_input(&list, &outcome);
		else if (add_receipt(&list, &outcome, argv[i]) < 0)
			tool_usage("%s", fail_message());
	}
	brokers = tool_brokers(options.directory, options.brokers);
	settlements = (struct receipt_settlement *)list.data;
	count = list.size / sizeof(*settlements);
	lost = brokers == NULL
	    ? settle_spool(options.directory, settlements, count)
	    : settle_brokers(brokers, settlements, count);
	for (size_t i = 0; i < count; i++) {
		if (settlements[i].lost)
			print_lost(&settlements[i]);
	}
	buf_release(&list);
	return lost > 0 ? FAIL_NOTHING : 0;
}
