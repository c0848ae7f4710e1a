package dev.loupe.judge;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Asks a model at an endpoint: what was asked before from the cache, the rest within the budget and
 * the pace, again where it may help. Every call is in the ledger. Thread-safe.
 */
public final class EndpointJudge implements Judge, AutoCloseable {
  private static final int MAX_ATTEMPTS = 6; // the first, and five more
  private static final int MAX_UNREACHABLE = 3; // questions in a row
  private static final int LOCKS = 64;
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);

  private final JudgeSetup setup;
  private final Waiting waiting;
  private final Backoff backoff;
  private final RandomGenerator random;
  private final ChatCall call;
  private final Budget budget;
  private final Pace pace;
  private final AnswerCache cache;
  private final Ledger ledger;
  private final Semaphore slots;
  private final TokenEstimate tokens = new TokenEstimate();
  private final AtomicReference<Dialect> dialect = new AtomicReference<>(Dialect.FULL);
  private final AtomicReference<Spending> spending = new AtomicReference<>(Spending.NONE);
  private final AtomicReference<@Nullable JudgeException> ended = new AtomicReference<>();
  private final AtomicInteger unreachable = new AtomicInteger();
  private final ReentrantLock[] locks = new ReentrantLock[LOCKS];

  EndpointJudge(JudgeSetup setup, Waiting waiting, Backoff backoff, RandomGenerator random) {
    this.setup = setup;
    this.waiting = waiting;
    this.backoff = backoff;
    this.random = random;
    this.budget = new Budget(setup.budget());
    this.pace = new Pace(setup.requestsPerMinute(), setup.tokensPerMinute(), waiting);
    this.cache = new AnswerCache(setup.folder());
    this.slots = new Semaphore(setup.atOnce(), true);
    for (int i = 0; i < LOCKS; i++) {
      locks[i] = new ReentrantLock();
    }
    this.ledger = Ledger.open(setup.ledger());
    this.call = new ChatCall(setup.endpoint(), setup.timeout());
  }

  /** Opens the ledger and connects to nothing yet. Close it when done. */
  public static EndpointJudge open(JudgeSetup setup) {
    return new EndpointJudge(setup, Waiting.REAL, Backoff.USUAL, RandomGenerator.getDefault());
  }

  /** What was spent since it was opened. */
  public Spending spending() {
    return spending.get();
  }

  /** How long prompts are in tokens, better with each answer. */
  public TokenEstimate tokens() {
    return tokens;
  }

  @Override
  public Answer ask(Question question) {
    String key = AnswerCache.key(setup.endpoint().model(), question);
    // two that ask the same at once must not both pay
    ReentrantLock lock = locks[Math.floorMod(key.hashCode(), LOCKS)];
    try {
      lock.lockInterruptibly();
      try {
        Optional<AnswerCache.Exchange> kept = cache.find(key);
        return kept.isPresent() ? kept(question, key, kept.get()) : paid(question, key);
      } finally {
        lock.unlock();
      }
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  private Answer kept(Question question, String key, AnswerCache.Exchange kept) {
    tokens.learn(question, kept.usage());
    Attempt none = new Attempt(question, key);
    none.end(kept.outcome(), Usage.NONE, true);
    return new Answer(kept.outcome(), kept.text(), key);
  }

  private Answer paid(Question question, String key) throws InterruptedException {
    slots.acquire();
    try {
      JudgeException before = ended.get();
      if (before != null) { // those who wait are not to try what cannot get better
        throw before;
      }
      return new Attempt(question, key).ask();
    } catch (JudgeException e) {
      ended.compareAndSet(null, e);
      throw e;
    } finally {
      slots.release();
    }
  }

  private static CancellationException interrupted() {
    Thread.currentThread().interrupt();
    return new CancellationException("interrupted while a judge was asked; what it said is kept");
  }

  /** One question, as often as it is sent. */
  private final class Attempt {
    private final Question question;
    private final String key;
    private final BigDecimal worst;
    private BigDecimal price = BigDecimal.ZERO;
    private int sent;
    private long latencyMillis;

    Attempt(Question question, String key) {
      this.question = question;
      this.key = key;
      this.worst = setup.price().of(Usage.most(question));
    }

    Answer ask() throws InterruptedException {
      try {
        return untilAnswered();
      } catch (InterruptedException | JudgeException e) {
        if (sent > 0) { // what it may have cost is in the ledger
          end(Outcome.UNREACHABLE, Usage.NONE, false);
        }
        throw e;
      }
    }

    private Answer untilAnswered() throws InterruptedException {
      while (true) {
        Dialect used = dialect.get();
        switch (send(used)) {
          case Reply.Answered answered -> {
            return answered(answered);
          }
          case Reply.NotNow notNow -> {
            if (sent >= MAX_ATTEMPTS) {
              return unreachable(notNow.said());
            }
            pauseAfter(notNow);
          }
          case Reply.NotThus notThus -> {
            Dialect next = used.without(notThus.said()).orElseThrow(() -> never(notThus.said()));
            dialect.compareAndSet(used, next); // another call may have been quicker
            sent--;
          }
          case Reply.Never never -> throw never(never.said());
        }
      }
    }

    private Reply send(Dialect used) throws InterruptedException {
      pace.await(tokens.prompt(question) + question.maxTokens());
      budget.setAside(worst);
      BigDecimal cost = worst; // of whatever ends it in the middle
      try {
        sent++;
        long start = waiting.nanos();
        Reply reply = call.send(question, used);
        latencyMillis = (waiting.nanos() - start) / 1_000_000;
        cost = cost(reply);
        if (Thread.currentThread().isInterrupted() && !(reply instanceof Reply.Answered)) {
          throw new InterruptedException();
        }
        return reply;
      } finally {
        budget.settle(worst, cost);
        price = price.add(cost);
      }
    }

    private BigDecimal cost(Reply reply) {
      return switch (reply) {
        case Reply.Answered answered -> setup.price().of(answered.usage());
        case Reply.NotNow notNow -> notNow.paid() ? worst : BigDecimal.ZERO;
        case Reply.NotThus _ -> BigDecimal.ZERO;
        case Reply.Never _ -> BigDecimal.ZERO;
      };
    }

    private Answer answered(Reply.Answered answered) {
      unreachable.set(0);
      Usage usage = answered.usage();
      tokens.learn(question, usage);
      cache.keep(
          key,
          new AnswerCache.Exchange(
              setup.endpoint().model(),
              question.temperature(),
              question.maxTokens(),
              question.system(),
              question.user(),
              question.shape().schema(),
              answered.outcome(),
              answered.text(),
              usage));
      end(answered.outcome(), usage, false);
      return new Answer(answered.outcome(), answered.text(), key);
    }

    private Answer unreachable(String said) {
      if (unreachable.incrementAndGet() >= MAX_UNREACHABLE) {
        throw stopped(
            "expected answers from %s, got none to %d questions in a row, each sent %d times: %s"
                .formatted(setup.endpoint().base(), MAX_UNREACHABLE, MAX_ATTEMPTS, said));
      }
      end(Outcome.UNREACHABLE, Usage.NONE, false);
      return new Answer(Outcome.UNREACHABLE, "", key);
    }

    private void pauseAfter(Reply.NotNow notNow) throws InterruptedException {
      Duration pause = backoff.before(sent, notNow.pause(), random);
      if (pause.compareTo(LONGEST_WAIT) > 0) {
        throw stopped(
            "expected an answer from %s, got the request to wait %,d s: %s"
                .formatted(setup.endpoint().base(), pause.toSeconds(), notNow.said()));
      }
      waiting.pause(pause);
    }

    private JudgeException never(String said) {
      return new JudgeException(
          "expected an answer of model '%s' from %s, got %s"
              .formatted(setup.endpoint().model(), setup.endpoint().base(), said));
    }

    private JudgeException stopped(String what) {
      return new JudgeException(what + "; later the same command goes on where it stopped");
    }

    private void end(Outcome outcome, Usage usage, boolean cacheHit) {
      LedgerLine line =
          new LedgerLine(
              Instant.now().toString(),
              question.feature(),
              question.stage(),
              setup.endpoint().model(),
              key,
              outcome,
              usage.promptTokens(),
              usage.cachedTokens(),
              usage.completionTokens(),
              usage.reported(),
              price,
              latencyMillis,
              sent,
              cacheHit);
      ledger.add(line);
      spending.updateAndGet(sum -> sum.plus(line));
    }
  }

  /** Ends calls that are under way. */
  @Override
  public void close() {
    try {
      call.close();
    } finally {
      ledger.close();
    }
  }
}
