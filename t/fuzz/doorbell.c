/* The doorbell of a topic, a file of any bytes and length that others change. */
#include "../unit/scratch.h"
#include "fuzz.h"
#include "spool/doorbell.h"

enum { PAGE = 4096, STEPS_MAX = 16 };

static int topic = -1;

static void
write_file(const void *data, size_t size, size_t length)
{
	int fd = file_open(topic, "doorbell", FILE_CREATE);

	MUST(fd >= 0 && file_truncate(fd, 0) == 0 && (size == 0 ||
	    file_write_at(fd, data, size, 0) == 0) &&
	    file_truncate(fd, (off_t)length) == 0, "a file");
	close(fd);
}

static void
check_value(const struct doorbell *bell, const void *data, size_t size)
{
	uint32_t expected = 0;

	memcpy(&expected, data, size < 4 ? size : 4);
	MUST(bell->word == NULL || doorbell_value(bell) == expected,
	    "its value is the file's");
}

static void
check_settle(struct doorbell *bell, uint64_t stamp)
{
	doorbell_settle(bell, stamp);
	if (bell->is_writable)
		MUST(is_doorbell_settled(bell, stamp) &&
		    !is_doorbell_settled(bell, ~stamp),
		    "what is settled is known, and nothing else");
}

/* Of a word that is cut short the file lacks what carries. */
static void
check_ring(struct doorbell *bell)
{
	uint32_t before = doorbell_value(bell);

	doorbell_ring(bell);
	MUST(file_size(bell->file) < (int64_t)sizeof(before) ||
	    doorbell_value(bell) - before <= 1, "it rings once");
}

/* Whoever opens it by its name hears us. */
static void
check_heard(struct doorbell *bell)
{
	uint32_t before = doorbell_value(bell), heard = 0;
	int fd;

	doorbell_ring(bell);
	fd = file_open(topic, "doorbell", FILE_READ);
	MUST(fd >= 0 && file_read_at(fd, &heard, sizeof(heard), 0) ==
	    sizeof(heard) && heard == before + 1, "and heard");
	close(fd);
}

/* What others may do to the file, and we with it, in any order. */
static void
take_step(struct doorbell *bell, struct input *input)
{
	uint8_t step = take_byte(input);
	uint32_t *word = bell->word;

	switch (step % 6) {
	case 0:
		MUST(file_unlink(topic, "doorbell") == 0, "deleted");
		break;
	case 1:
		write_file(&step, 1, (size_t)take_bytes(input, 2));
		break;
	case 2:
		write_file("", 0, PAGE);
		break;
	case 3:
		check_ring(bell);
		break;
	case 4:
		check_settle(bell, take_bytes(input, 8) | 1);
		break;
	case 5:
		MUST(doorbell_refresh(bell, topic) == 0, "it is found again");
		MUST(bell->word == word, "at its address");
		if (bell->is_writable)
			check_heard(bell);
		break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	bool is_writable = take_byte(&input) & 1;
	size_t length = take_bytes(&input, 2) % (2 * PAGE);
	struct doorbell bell;

	if (topic < 0)
		topic = scratch_make();
	write_file(input.at, input.left < length ? input.left : length,
	    length);
	MUST(doorbell_open(&bell, topic, is_writable) == 0, "it opens");
	MUST(bell.word != NULL || !is_writable, "who may write has one");
	check_value(&bell, input.at, input.left < length ? input.left : length);
	for (int i = 0; i < STEPS_MAX && input.left > 0 && bell.word; i++)
		take_step(&bell, &input);
	doorbell_close(&bell);
	return 0;
}
