// What kafka-clients does, share consumers too: see clients.bats.
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

public class Client {
    static final Duration WAIT = Duration.ofMillis(200);
    static String broker;

    static Map<String, Object> settings(Object... more) {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", broker);
        for (int i = 0; i < more.length; i += 2)
            settings.put((String) more[i], more[i + 1]);
        return settings;
    }

    static void produce(String topic, String codec, int count)
            throws Exception {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                settings("compression.type", codec, "linger.ms", 5),
                new StringSerializer(), new StringSerializer())) {
            for (int i = 1; i <= count; i++) {
                ProducerRecord<String, String> record =
                    new ProducerRecord<>(topic, "k" + i, "v" + i);
                record.headers().add("n",
                    Integer.toString(i).getBytes(StandardCharsets.UTF_8));
                sent.add(producer.send(record));
            }
            for (Future<RecordMetadata> one : sent)
                one.get();
        }
    }

    static KafkaConsumer<String, String> consumer(Object... more) {
        Map<String, Object> settings = settings(more);
        settings.put("auto.offset.reset", "earliest");
        settings.put("enable.auto.commit", false);
        return new KafkaConsumer<>(settings, new StringDeserializer(),
            new StringDeserializer());
    }

    static List<TopicPartition> partitions(KafkaConsumer<?, ?> consumer,
            String topic) {
        return consumer.partitionsFor(topic).stream()
            .map(found -> new TopicPartition(topic, found.partition()))
            .toList();
    }

    static void consume(String topic, int count) {
        try (KafkaConsumer<String, String> consumer = consumer()) {
            consumer.assign(partitions(consumer, topic));
            for (int left = count; left > 0;)
                for (ConsumerRecord<String, String> record
                        : consumer.poll(WAIT)) {
                    if (left-- > 0)
                        System.out.println(record.key() + " "
                            + record.value() + " " + new String(record
                            .headers().lastHeader("n").value()));
                }
        }
    }

    static void since(String topic, long time) {
        try (KafkaConsumer<String, String> consumer = consumer()) {
            TopicPartition first = new TopicPartition(topic, 0);
            System.out.println(consumer.offsetsForTimes(Map.of(first, time))
                .get(first).offset());
        }
    }

    static class Teller implements ConsumerRebalanceListener {
        final KafkaConsumer<?, ?> consumer;

        Teller(KafkaConsumer<?, ?> consumer) {
            this.consumer = consumer;
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> assigned) {
            System.out.println("assigned " + consumer.assignment().size());
        }
    }

    static void group(String topic, String name) throws Exception {
        KafkaConsumer<String, String> consumer = consumer("group.id", name,
            "session.timeout.ms", 6000, "heartbeat.interval.ms", 500);
        Thread main = Thread.currentThread();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            consumer.wakeup();
            try {
                main.join();
            } catch (InterruptedException ended) {
                return;
            }
        }));
        try (consumer) {
            consumer.subscribe(List.of(topic), new Teller(consumer));
            for (;;) {
                for (ConsumerRecord<String, String> record
                        : consumer.poll(WAIT))
                    System.out.println(record.value());
                consumer.commitSync();
            }
        } catch (WakeupException ended) {
            return;
        }
    }

    static void show(Admin admin, ConfigResource topic, String name)
            throws Exception {
        System.out.println(name + " " + admin.describeConfigs(List.of(topic))
            .all().get().get(topic).get(name).value());
    }

    static void count(Admin admin, String topic) throws Exception {
        System.out.println("partitions " + admin.describeTopics(List.of(topic))
            .allTopicNames().get().get(topic).partitions().size());
    }

    static void manage(String topic) throws Exception {
        ConfigResource resource =
            new ConfigResource(ConfigResource.Type.TOPIC, topic);
        try (Admin admin = Admin.create(settings())) {
            admin.createTopics(List.of(new NewTopic(topic, 2, (short) 1)
                .configs(Map.of("retention.ms", "3600000")))).all().get();
            System.out.println("created");
            count(admin, topic);
            show(admin, resource, "retention.ms");
            admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(4)))
                .all().get();
            count(admin, topic);
            admin.incrementalAlterConfigs(Map.of(resource, List.of(
                new AlterConfigOp(new ConfigEntry("retention.ms", "7200000"),
                AlterConfigOp.OpType.SET)))).all().get();
            show(admin, resource, "retention.ms");
            show(admin, resource, "segment.bytes");
            admin.deleteTopics(List.of(topic)).all().get();
            System.out.println("deleted");
        }
    }

    static AcknowledgeType verdict(ConsumerRecord<String, String> record) {
        if (record.value().equals("v2"))
            return AcknowledgeType.REJECT;
        return record.value().equals("v3")
            && record.deliveryCount().get() == 1
            ? AcknowledgeType.RELEASE : AcknowledgeType.ACCEPT;
    }

    static void share(String topic, String name, int count) {
        try (KafkaShareConsumer<String, String> consumer =
                new KafkaShareConsumer<>(settings("group.id", name,
                "share.acknowledgement.mode", "explicit"),
                new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of(topic));
            for (int left = count; left > 0;) {
                for (ConsumerRecord<String, String> record
                        : consumer.poll(WAIT)) {
                    System.out.println(record.value() + " "
                        + record.deliveryCount().get());
                    consumer.acknowledge(record, verdict(record));
                    left--;
                }
                consumer.commitSync().forEach((partition, error) ->
                    error.ifPresent(failed -> {
                        throw failed;
                    }));
            }
        }
    }

    public static void main(String[] arguments) throws Exception {
        broker = arguments[0];
        String topic = arguments.length > 2 ? arguments[2] : null;
        switch (arguments[1]) {
        case "codecs" -> System.out.println("none gzip snappy lz4 zstd");
        case "produce" ->
            produce(topic, arguments[3], Integer.parseInt(arguments[4]));
        case "once" -> produce(topic, "none", Integer.parseInt(arguments[3]));
        case "consume" -> consume(topic, Integer.parseInt(arguments[3]));
        case "since" -> since(topic, Long.parseLong(arguments[3]));
        case "group" -> group(topic, arguments[3]);
        case "admin" -> manage(topic);
        case "share" ->
            share(topic, arguments[3], Integer.parseInt(arguments[4]));
        default -> System.exit(77);
        }
    }
}
