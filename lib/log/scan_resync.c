/* Finding the next intact batch behind damaged bytes. */
#include "log/scan.h"
#include "base/cursor.h"
#include "base/fail.h"
#include "base/hash.h"

/* No damage spans more offsets than this. */
static const int64_t offsets_max = (int64_t)1 << 40;

/* A chain of so many bytes is no payload and no block that has moved. */
enum { CHAIN_ENOUGH = 1024 * 1024 };

enum { SEARCH_STEP = 128 * 1024, AT_MAGIC = 16, AT_BODY = 21 };

static int64_t
next_offset(const struct batch_header *header)
{
	return header->base_offset + header->last_offset_delta + 1;
}

/* An intact batch with any offset from least on. 1, 0 or an error. */
static int
probe(struct scan *scan, int64_t byte, int64_t least,
    struct batch_header *header)
{
	const unsigned char *bytes;
	ssize_t got = window_get(&scan->window, byte, BATCH_HEADER_SIZE,
	    &bytes);
	int rc;

	if (got < 0)
		return (int)got;
	if (got < BATCH_HEADER_SIZE ||
	    batch_decode_header(bytes, (size_t)got, header) < 0 ||
	    header->base_offset < least ||
	    header->base_offset - least > offsets_max)
		return 0;
	rc = scan_batch(scan, byte, header->base_offset, header, &bytes);
	return rc == -FAIL_CORRUPT ? 0 : rc;
}

/* Follows the chain that begins with an intact batch, also over followers
 * whose payload is damaged. Returns the place behind its last intact one. */
static int64_t
follow(struct scan *scan, int64_t byte, struct batch_header header)
{
	int64_t expected, end;
	int rc = 1;

	while (rc == 1) {
		byte += (int64_t)batch_size(&header);
		expected = next_offset(&header);
		end = byte;
		rc = probe(scan, byte, expected, &header);
		if (rc == 0 &&
		    scan_header(scan, byte, expected, &header) == 1) {
			byte += (int64_t)batch_size(&header);
			rc = probe(scan, byte, next_offset(&header), &header);
		}
	}
	return rc < 0 ? rc : end;
}

/* The first place from `from` on whose bytes look like the header of a later
 * batch; the end if there is none. */
static int64_t
find_candidate(struct scan *scan, int64_t from, int64_t expected)
{
	const unsigned char *bytes;
	ssize_t got;

	while ((got = window_get(&scan->window, from, SEARCH_STEP, &bytes)) >=
	    BATCH_HEADER_SIZE) {
		ssize_t last = got - BATCH_HEADER_SIZE;

		for (ssize_t i = 0; i <= last; i++) {
			struct cursor start;
			int64_t offset;

			if (bytes[i + AT_MAGIC] != BATCH_MAGIC ||
			    bytes[i] & 0x80)
				continue;
			start = cursor_over(bytes + i, sizeof(offset));
			offset = (int64_t)cursor_be64(&start);
			if (offset >= expected &&
			    offset - expected <= offsets_max)
				return from + i;
		}
		from += last + 1;
	}
	return got < 0 ? got : scan->window.end;
}

/* Where the search for a follower stands. */
struct search {
	int64_t byte;      /* of the bad batch */
	int64_t expected;  /* the lowest offset of what follows it */
	int32_t length;    /* by its own header, as are */
	int64_t successor; /* the offset behind it */
	uint32_t crc;      /* and its checksum */
	uint32_t crc_seen; /* of its body up to crc_end */
	int64_t crc_end;
	int64_t end;       /* no candidate from here on */
	bool is_torn;
	bool is_cut;       /* its header is whole, and the file ends before it */
	int64_t best;      /* candidate so far, -1 if none */
	int64_t best_size; /* of its chain */
	int64_t chain_end; /* of the last one that was followed */
};

/* Does the bad batch end at `end`, with only its length damaged? */
static int
is_end_of_bad(struct scan *scan, struct search *search, int64_t end)
{
	while (search->crc_end < end) {
		const unsigned char *bytes;
		size_t want = end - search->crc_end < SEARCH_STEP
		    ? (size_t)(end - search->crc_end)
		    : SEARCH_STEP;
		ssize_t got = window_get(&scan->window, search->crc_end, want,
		    &bytes);

		if (got <= 0)
			return (int)got;
		search->crc_seen = hash_crc32c(search->crc_seen, bytes,
		    (size_t)got);
		search->crc_end += got;
	}
	return search->crc_end == end && search->crc_seen == search->crc;
}

/* Judges the intact batch at `byte`. 1 take it, 0 go on at *next. */
static int
judge(struct scan *scan, struct search *search, int64_t byte,
    const struct batch_header *header, int64_t *next)
{
	int64_t end;
	int rc = is_end_of_bad(scan, search, byte);

	if (rc != 0 || search->is_torn)
		return rc;
	*next = byte + (int64_t)batch_size(header);
	/* One of a chain that was followed before. */
	if (byte < search->chain_end)
		return 0;
	end = follow(scan, byte, *header);
	if (end < 0)
		return (int)end;
	search->chain_end = end;
	/* A block that has moved here, or a payload, is short: the longest chain
	 * counts. But one behind the next damaged place, which may grow while
	 * the log is in use, must not hide a long one. */
	if (search->best_size < CHAIN_ENOUGH &&
	    end - byte > search->best_size) {
		search->best = byte;
		search->best_size = end - byte;
	}
	return 0;
}

static int
search_follower(struct scan *scan, struct search *search, int64_t *found,
    struct batch_header *header)
{
	int64_t byte = search->byte + 1;

	for (;;) {
		int64_t next;
		int rc;

		byte = find_candidate(scan, byte, search->expected);
		if (byte < 0)
			return (int)byte;
		if (byte >= search->end)
			break;
		next = byte + 1;
		*found = byte;
		rc = probe(scan, byte, search->expected, header);
		if (rc == 1)
			rc = judge(scan, search, byte, header, &next);
		if (rc != 0)
			return rc;
		byte = next;
	}
	if (search->best < 0)
		return 0;
	*found = search->best;
	return probe(scan, *found, search->expected, header);
}

/* The length of the bad batch leads to *found: where the data ends, or to an
 * intact batch. A damaged one may lead there too, over the heads of others; the
 * checksum tells. 1 and where it says the bad one ends, 0 if it leaves it. */
static int
doubt_length(struct scan *scan, struct search search, int64_t *found,
    struct batch_header *header)
{
	struct batch_header nearer;
	int64_t at;
	int rc;

	search.end = *found;
	search.is_torn = true;
	rc = search_follower(scan, &search, &at, &nearer);
	if (rc == 1) {
		*found = at;
		*header = nearer;
	}
	return rc;
}

/* 1 if the length of the bad batch is believed, 0 if not, 2 if it leads to the
 * end of the data. */
static int
follow_length(struct scan *scan, const struct search *search, int64_t *found,
    struct batch_header *header)
{
	bool is_end;
	int rc;

	*found = search->byte + BATCH_PREFIX_SIZE + search->length;
	is_end = *found == scan->window.end;
	rc = is_end ? 0 : probe(scan, *found, search->expected, header);
	if (rc < 0 || (rc == 0 && !is_end) ||
	    (rc == 1 && header->base_offset == search->successor))
		return rc;
	rc = doubt_length(scan, *search, found, header);
	return rc == 0 && is_end ? 2 : rc < 0 ? rc : 1;
}

/* Does something that may follow a batch begin at `byte`? 1 and the header of
 * an intact batch, 2 if the data ends there, 0 if not. */
static int
look_at(struct scan *scan, int64_t byte, int64_t least,
    struct batch_header *header)
{
	const unsigned char *bytes;
	ssize_t got = window_get(&scan->window, byte, 1, &bytes);

	if (got < 0)
		return (int)got;
	if (got == 0)
		return byte == scan->window.end ? 2 : 0;
	if (*bytes == 0 && scan_data_end(scan, byte) == byte)
		return 2;
	return probe(scan, byte, least, header);
}

/* If one bit of the length was flipped, the checksum proves it: no batch of the
 * payload is taken for a follower then. 1 and where the bad one ends, 2 if the
 * data ends with it, 0 if that is not it. */
static int
unflip_length(struct scan *scan, const struct search *search, int64_t *found,
    struct batch_header *header)
{
	for (int bit = 0; bit < 32; bit++) {
		struct search fresh = *search;
		int64_t length = (int32_t)((uint32_t)search->length ^
		    (uint32_t)1 << bit);
		int rc, kind;

		*found = search->byte + BATCH_PREFIX_SIZE + length;
		if (length < BATCH_HEADER_SIZE - BATCH_PREFIX_SIZE ||
		    *found > scan->window.end)
			continue;
		kind = look_at(scan, *found, search->expected, header);
		if (kind < 0)
			return kind;
		rc = kind == 0 ? 0 : is_end_of_bad(scan, &fresh, *found);
		if (rc != 0)
			return rc < 0 ? rc : kind;
	}
	return 0;
}

static int
search_begin(struct scan *scan, struct search *search, int64_t byte,
    int64_t expected)
{
	const unsigned char *bytes;
	struct batch_header header;
	ssize_t got = window_get(&scan->window, byte, BATCH_HEADER_SIZE,
	    &bytes);
	bool is_good;

	if (got < BATCH_HEADER_SIZE)
		return got < 0 ? (int)got : 0;
	is_good = batch_decode_header(bytes, (size_t)got, &header) == 0;
	*search = (struct search){
		.byte = byte,
		/* Whatever was here had an offset of its own. */
		.expected = expected + 1,
		.length = header.length,
		.crc = header.crc,
		.successor = expected + header.last_offset_delta + 1,
		.crc_end = byte + AT_BODY,
		.end = scan->window.end,
		.best = -1,
	};
	if (!is_good || header.base_offset != expected)
		return 1;
	got = window_get(&scan->window,
	    byte + (int64_t)batch_size(&header) - 1, 1, &bytes);
	search->is_cut = got == 0;
	return got < 0 ? (int)got : 1;
}

int
scan_resync(struct scan *scan, int64_t byte, int64_t expected, bool is_torn,
    int64_t *found, struct batch_header *header)
{
	struct search search = {0};
	int rc = search_begin(scan, &search, byte, expected);
	size_t fill;

	if (rc <= 0)
		return rc;
	search.is_torn = is_torn;
	/* Most places that a flipped bit leads to are none: look shortly. */
	fill = scan->window.fill;
	scan->window.fill = BATCH_HEADER_SIZE;
	rc = unflip_length(scan, &search, found, header);
	scan->window.fill = fill;
	if (rc == 0 &&
	    search.length >= BATCH_HEADER_SIZE - BATCH_PREFIX_SIZE &&
	    search.length <= BATCH_MAX_SIZE - BATCH_PREFIX_SIZE)
		rc = follow_length(scan, &search, found, header);
	if (rc != 0)
		return rc == 2 ? 0 : rc;
	/* Cut off in its middle, all that is left is its payload. */
	search.is_torn |= search.is_cut;
	return search_follower(scan, &search, found, header);
}
