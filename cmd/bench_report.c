/* What mq-bench prints. */
#include "bench.h"
#include "tool.h"

/* The processes whose speed was measured. */
static const struct bench_part *
measured(const struct bench *bench)
{
	return bench->kind == BENCH_PUT ? &bench->puts : &bench->gets;
}

static void
append_text(const struct bench *bench, double seconds, double rate,
    struct buf *out)
{
	const struct bench_part *part = measured(bench);
	const struct bench_tally *tally = &bench->gets.tally;

	buf_printf(out, "%s: %lld messages in %.3f s, %.0f a second\n",
	    bench->what, (long long)part->messages, seconds, rate);
	buf_printf(out, "each %s: median %lld us, 99 %% below %lld us\n",
	    bench->kind == BENCH_E2E ? "message" : "step",
	    (long long)bench_histogram_read(&part->latency, 0.5),
	    (long long)bench_histogram_read(&part->latency, 0.99));
	if (bench->values.verify)
		buf_printf(out,
		    "lost %lld, duplicated %lld, reordered %lld\n",
		    (long long)tally->lost, (long long)tally->duplicated,
		    (long long)tally->reordered);
}

static void
append_json(const struct bench *bench, double seconds, double rate,
    struct buf *out)
{
	const struct bench_part *part = measured(bench);
	const struct bench_tally *tally = &bench->gets.tally;

	buf_printf(out, "{\"bench\":\"%s\",\"messages\":%lld,\"size\":%lld,"
	    "\"batch\":%lld,\"producers\":%d,\"consumers\":%d,",
	    bench->what, (long long)part->messages,
	    (long long)bench->plan.size, (long long)bench->plan.batch,
	    bench->plan.producers, bench->plan.consumers);
	buf_printf(out, "\"seconds\":%.6f,\"messages_per_second\":%.1f,"
	    "\"p50_us\":%lld,\"p99_us\":%lld",
	    seconds, rate,
	    (long long)bench_histogram_read(&part->latency, 0.5),
	    (long long)bench_histogram_read(&part->latency, 0.99));
	if (bench->values.verify)
		buf_printf(out,
		    ",\"lost\":%lld,\"duplicated\":%lld,\"reordered\":%lld",
		    (long long)tally->lost, (long long)tally->duplicated,
		    (long long)tally->reordered);
	buf_append_text(out, "}\n");
}

void
bench_report_print(const struct bench *bench)
{
	const struct bench_part *part = measured(bench);
	double seconds = (double)(part->ended_us - part->started_us) / 1e6;
	double rate = seconds > 0 ? (double)part->messages / seconds : 0;
	struct buf out = {0};

	if (!bench->values.json)
		append_text(bench, seconds, rate, &out);
	append_json(bench, seconds, rate, &out);
	tool_write(&out);
	buf_release(&out);
}
