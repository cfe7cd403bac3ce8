/* Delivery: the messages of a grant to an output, and what becomes of them. */
#include "queue/delivery.h"
#include "base/clock.h"
#include "base/fail.h"

enum { OUTPUT_SIZE = 64 * 1024, NATIVE_SIZE = 1024 * 1024 };

/* Where a message (natively: a batch) ends in the output. */
struct mark {
	uint64_t end;
	int64_t offset; /* of its first message */
	int64_t count;
};

static bool
is_stopped(const struct delivery *self)
{
	return *self->options->stop != 0;
}

static struct mark *
first_mark(const struct delivery *self)
{
	struct mark *marks = (struct mark *)self->marks.data;

	if (self->head == self->marks.size / sizeof(*marks))
		return NULL;
	return &marks[self->head];
}

static void
add_mark(struct delivery *self, int64_t offset, int64_t count)
{
	struct mark mark = {output_end(&self->output), offset, count};

	buf_append(&self->marks, &mark, sizeof(mark));
}

/* Counts what the output has taken. */
static void
pass_marks(struct delivery *self)
{
	struct mark *mark;

	while ((mark = first_mark(self)) != NULL &&
	    mark->end <= self->output.taken) {
		self->result->delivered += mark->count;
		self->head++;
	}
	if (mark == NULL) {
		buf_clear(&self->marks);
		self->head = 0;
	}
}

static void
tell_verdict(const struct verdict *verdict, void *context)
{
	struct delivery *self = context;

	if (!verdict->lost)
		return;
	self->result->lost++;
	if (verdict->grant.serial == self->grant.serial)
		self->is_lost = true;
	consumer_note_lost(self->options, verdict);
}

void
delivery_open(struct delivery *self, const struct consumer_options *options,
    enum consume_ack ack, int fd, const char *save,
    struct consumer_result *result)
{
	*self = (struct delivery){
		.options = options,
		.ack = ack,
		.result = result,
	};
	composer_init(&self->composer, options->framing);
	output_init(&self->output, fd);
	hand_init(&self->hand, options->supply);
	self->hand.told = tell_verdict;
	self->hand.context = self;
	save_init(&self->save, save);
	self->needs_receipt = options->framing->kind == FRAMING_FORMAT ||
	    options->framing->kind == FRAMING_JSON;
}

void
delivery_close(struct delivery *self)
{
	save_release(&self->save);
	hand_release(&self->hand);
	output_release(&self->output);
	composer_release(&self->composer);
	buf_release(&self->receipt);
	buf_release(&self->marks);
}

static int
exchange_verdicts(struct delivery *self)
{
	struct want nothing = {0, -1};
	struct grant none;
	int64_t wake_ms;

	return hand_exchange(&self->hand, &nothing, &none, &wake_ms);
}

int
delivery_tell(struct delivery *self)
{
	return is_hand_empty(&self->hand) ? 0 : exchange_verdicts(self);
}

static void
plan_renewal(struct delivery *self)
{
	self->renew_ms = clock_boot_ms() +
	    consumer_renew_ms(self->options, &self->grant);
}

/* The first offset that was not delivered: of a message that the output did
 * not take, or that never got there. */
static int64_t
undelivered(const struct delivery *self)
{
	const struct mark *mark = first_mark(self);

	if (mark != NULL)
		return mark->offset;
	return self->batch_count > 0 ? self->batch_first : self->next;
}

/* Verdicts for what was delivered since the last time. */
static void
settle_delivered(struct delivery *self)
{
	int64_t reached = undelivered(self);

	if (self->ack == CONSUME_AFTER)
		hand_add(&self->hand, &self->grant, self->settled, reached - 1,
		    OUTCOME_ACCEPT);
	self->settled = reached;
}

static int
renew(struct delivery *self)
{
	if (clock_boot_ms() < self->renew_ms)
		return 0;
	plan_renewal(self);
	if (self->ack != CONSUME_BEFORE) {
		settle_delivered(self);
		hand_add(&self->hand, &self->grant, self->settled,
		    self->grant.last, OUTCOME_RENEW);
	}
	/* With nothing to tell, it still is a member's sign of life. */
	return exchange_verdicts(self);
}

/* Writes all that is pending. 1 when done; 0 if a signal or the loss of the
 * lease came between. */
static int
flush(struct delivery *self)
{
	while (output_pending(&self->output) > 0) {
		int result = output_write(&self->output,
		    self->renew_ms - clock_boot_ms() > 0
		        ? self->renew_ms - clock_boot_ms()
		        : 0);

		pass_marks(self);
		if (result < 0) {
			self->result->reader_gone = result == -FAIL_NOTHING;
			return result;
		}
		consumer_tell_status(self->options, self->result, 0);
		if (result == 0 && is_stopped(self))
			return 0;
		result = renew(self);
		if (result < 0 || self->is_lost)
			return result < 0 ? result : 0;
	}
	pass_marks(self);
	return 1;
}

/* Ends a native batch that is kept back. */
static int
finish_batch(struct delivery *self)
{
	int result = composer_finish(&self->composer, &self->output.buf);

	if (result < 0 || self->batch_count == 0)
		return result;
	add_mark(self, self->batch_first, self->batch_count);
	self->batch_count = 0;
	return 0;
}

static int
append(struct delivery *self, struct message *message)
{
	int64_t offset = message->record.offset;
	int result;

	if (self->options->each != NULL)
		self->options->each(message, self->options->context);
	if (self->needs_receipt) {
		buf_clear(&self->receipt);
		supply_receipt(self->options->supply, &self->grant, offset,
		    offset, &self->receipt);
		message->receipt = buf_text(&self->receipt);
	}
	result = save_payload(&self->save, message->record.value);
	if (result < 0)
		return result;
	result = composer_add(&self->composer, message, &self->output.buf);
	if (result < 0)
		return result;
	if (composer_pending(&self->composer) == 0) {
		add_mark(self, offset, 1);
		return 0;
	}
	if (self->batch_count++ == 0)
		self->batch_first = offset;
	if (composer_pending(&self->composer) < NATIVE_SIZE)
		return 0;
	return finish_batch(self);
}

/* What lies between the last message and offset is nobody's to see. */
static void
settle_gap(struct delivery *self, int64_t offset)
{
	if (self->ack == CONSUME_MANUAL)
		hand_add(&self->hand, &self->grant, self->next, offset - 1,
		    OUTCOME_ACCEPT);
	self->next = offset;
}

/* Reads and writes the messages of the grant. 1 when all went out. */
static int
deliver_messages(struct delivery *self)
{
	struct supply *supply = self->options->supply;
	struct message message;
	int result = 1;

	while ((result = supply->kind->next(supply, &message)) == 1) {
		settle_gap(self, message.record.offset);
		result = append(self, &message);
		if (result < 0)
			return result;
		self->next = message.record.offset + 1;
		if (output_pending(&self->output) < OUTPUT_SIZE)
			continue;
		result = flush(self);
		if (result != 1)
			return result;
	}
	if (result < 0)
		return result;
	settle_gap(self, supply->kind->end(supply));
	result = finish_batch(self);
	return result < 0 ? result : flush(self);
}

/* Verdicts for the grant: what was delivered, and the rest given back. */
static void
settle_grant(struct delivery *self)
{
	struct grant *grant = &self->grant;

	if (self->ack == CONSUME_BEFORE || self->is_lost)
		return;
	settle_delivered(self);
	if (self->settled <= grant->last)
		self->result->released += grant->last - self->settled + 1;
	hand_give_back(&self->hand, grant, self->settled, grant->last);
}

int
delivery_run(struct delivery *self)
{
	struct supply *supply = self->options->supply;
	int result;

	self->settled = self->next = self->grant.first;
	self->is_lost = false;
	plan_renewal(self);
	if (self->ack == CONSUME_BEFORE) {
		hand_add(&self->hand, &self->grant, self->grant.first,
		    self->grant.last, OUTCOME_ACCEPT);
		result = delivery_tell(self);
		if (result < 0 || self->is_lost)
			return result < 0 ? result : 1;
	}
	result = supply->kind->begin(supply, &self->grant,
	    self->grant.first);
	if (result == 0)
		result = deliver_messages(self);
	settle_grant(self);
	output_drop(&self->output);
	buf_clear(&self->marks);
	self->head = 0;
	return self->is_lost && result == 0 ? 1 : result;
}
