// What franz-go does, share groups too: see clients.bats.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

var codecs = map[string]kgo.CompressionCodec{
	"none":   kgo.NoCompression(),
	"gzip":   kgo.GzipCompression(),
	"snappy": kgo.SnappyCompression(),
	"lz4":    kgo.Lz4Compression(),
	"zstd":   kgo.ZstdCompression(),
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func number(text string) int {
	value, err := strconv.Atoi(text)
	must(err)
	return value
}

func client(options ...kgo.Opt) *kgo.Client {
	options = append(options, kgo.SeedBrokers(os.Args[1]))
	client, err := kgo.NewClient(options...)
	must(err)
	return client
}

func produce(topic, codec string, count int) {
	c := client(kgo.ProducerBatchCompression(codecs[codec]))
	defer c.Close()
	for i := 1; i <= count; i++ {
		n := strconv.Itoa(i)
		c.Produce(context.Background(), &kgo.Record{
			Topic: topic, Key: []byte("k" + n), Value: []byte("v" + n),
			Headers: []kgo.RecordHeader{{Key: "n", Value: []byte(n)}},
		}, func(_ *kgo.Record, err error) { must(err) })
	}
	must(c.Flush(context.Background()))
}

func consume(topic string, count int) {
	c := client(kgo.ConsumeTopics(topic))
	defer c.Close()
	for left := count; left > 0; {
		fetches := c.PollFetches(context.Background())
		must(fetches.Err())
		fetches.EachRecord(func(r *kgo.Record) {
			if left--; left >= 0 {
				fmt.Printf("%s %s %s\n", r.Key, r.Value, r.Headers[0].Value)
			}
		})
	}
}

func since(topic string, ms int64) {
	c := client()
	defer c.Close()
	found, err := kadm.NewClient(c).ListOffsetsAfterMilli(
		context.Background(), ms, topic)
	must(err)
	offset, _ := found.Lookup(topic, 0)
	must(offset.Err)
	fmt.Println(offset.Offset)
}

func group(topic, name string) {
	held := 0
	tell := func(change int) {
		held += change
		fmt.Println("assigned", held)
	}
	count := func(parts map[string][]int32) int { return len(parts[topic]) }
	c := client(kgo.ConsumeTopics(topic), kgo.ConsumerGroup(name),
		kgo.SessionTimeout(6*time.Second),
		kgo.HeartbeatInterval(500*time.Millisecond),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.DisableAutoCommit(), kgo.BlockRebalanceOnPoll(),
		kgo.OnPartitionsAssigned(func(_ context.Context, _ *kgo.Client,
			parts map[string][]int32) {
			tell(count(parts))
		}),
		kgo.OnPartitionsRevoked(func(_ context.Context, _ *kgo.Client,
			parts map[string][]int32) {
			tell(-count(parts))
		}),
		kgo.OnPartitionsLost(func(_ context.Context, _ *kgo.Client,
			parts map[string][]int32) {
			tell(-count(parts))
		}))
	ended, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	for ended.Err() == nil {
		fetches := c.PollFetches(ended)
		fetches.EachRecord(func(r *kgo.Record) {
			fmt.Printf("%s\n", r.Value)
		})
		c.CommitUncommittedOffsets(context.Background())
		c.AllowRebalance()
	}
	c.Close()
}

func manage(topic string) {
	c := client()
	defer c.Close()
	ctx := context.Background()
	admin := kadm.NewClient(c)
	partitions := func() {
		topics, err := admin.ListTopics(ctx, topic)
		must(err)
		fmt.Println("partitions", len(topics[topic].Partitions))
	}
	setting := func(name string) {
		found, err := admin.DescribeTopicConfigs(ctx, topic)
		must(err)
		for _, config := range found[0].Configs {
			if config.Key == name {
				fmt.Println(name, *config.Value)
			}
		}
	}
	_, err := admin.CreateTopic(ctx, 2, 1, map[string]*string{
		"retention.ms": kadm.StringPtr("3600000")}, topic)
	must(err)
	fmt.Println("created")
	partitions()
	setting("retention.ms")
	grown, err := admin.UpdatePartitions(ctx, 4, topic)
	must(err)
	must(grown.Error())
	partitions()
	altered, err := admin.AlterTopicConfigs(ctx, []kadm.AlterConfig{{
		Op: kadm.SetConfig, Name: "retention.ms",
		Value: kadm.StringPtr("7200000")}}, topic)
	must(err)
	must(altered[0].Err)
	setting("retention.ms")
	setting("segment.bytes")
	deleted, err := admin.DeleteTopics(ctx, topic)
	must(err)
	must(deleted.Error())
	fmt.Println("deleted")
}

func share(topic, name string, count int) {
	c := client(kgo.ConsumeTopics(topic), kgo.ShareGroup(name))
	defer c.Close()
	for left := count; left > 0; {
		fetches := c.PollFetches(context.Background())
		must(fetches.Err())
		fetches.EachRecord(func(r *kgo.Record) {
			verdict := kgo.AckAccept
			if string(r.Value) == "v2" {
				verdict = kgo.AckReject
			} else if string(r.Value) == "v3" && r.DeliveryCount() == 1 {
				verdict = kgo.AckRelease
			}
			fmt.Printf("%s %d\n", r.Value, r.DeliveryCount())
			r.Ack(verdict)
			left--
		})
		must(c.FlushAcks(context.Background()))
	}
}

func main() {
	args := os.Args[3:]
	switch os.Args[2] {
	case "codecs":
		fmt.Println("none gzip snappy lz4 zstd")
	case "produce":
		produce(args[0], args[1], number(args[2]))
	case "once":
		produce(args[0], "none", number(args[1]))
	case "consume":
		consume(args[0], number(args[1]))
	case "since":
		since(args[0], int64(number(args[1])))
	case "group":
		group(args[0], args[1])
	case "admin":
		manage(args[0])
	case "share":
		share(args[0], args[1], number(args[2]))
	default:
		os.Exit(77)
	}
}
