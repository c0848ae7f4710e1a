package dev.loupe.judge;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.loupe.dictionary.FeatureName;
import java.math.BigDecimal;

/**
 * A call in the ledger.
 *
 * @param time when it ended, ISO 8601
 * @param key of the question, see {@link AnswerCache#key}
 * @param price what it cost, with what attempts that broke may have cost
 * @param tokensReported whether the tokens are the endpoint's own count, not the worst case
 * @param latencyMillis of the last attempt
 * @param attempts how often it was sent; 0 from the cache
 */
public record LedgerLine(
    String time,
    FeatureName feature,
    String stage,
    String model,
    String key,
    Outcome outcome,
    @JsonProperty("prompt_tokens") long promptTokens,
    @JsonProperty("cached_tokens") long cachedTokens,
    @JsonProperty("completion_tokens") long completionTokens,
    @JsonProperty("tokens_reported") boolean tokensReported,
    BigDecimal price,
    @JsonProperty("latency_ms") long latencyMillis,
    int attempts,
    @JsonProperty("cache_hit") boolean cacheHit) {}
