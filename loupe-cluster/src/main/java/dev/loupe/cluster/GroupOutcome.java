package dev.loupe.cluster;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.io.Serializable;

/**
 * How a group ended.
 *
 * @param group its number, from 0
 * @param attempt the one that ended it, from 0
 * @param executor that it ran on
 * @param resumedFrom number of the state that this attempt went on from, or -1
 * @param states that this attempt kept on shared storage
 * @param stateBytes of all of them
 * @param stateSeconds that training waited for them
 * @param suiteBytes of the finished group
 * @param seconds of this attempt
 * @param failure why it did not finish, which another attempt would not change; or empty
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
record GroupOutcome(
    int group,
    int attempt,
    String executor,
    long resumedFrom,
    int states,
    long stateBytes,
    double stateSeconds,
    long suiteBytes,
    double seconds,
    String failure)
    implements Serializable {}
