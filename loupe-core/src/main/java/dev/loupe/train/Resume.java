package dev.loupe.train;

/** Whether a run begins, or goes on with what its folder holds. */
public enum Resume {
  /** It begins, in a new folder. */
  NO,
  /** It goes on where everything is as it was, and gives the bytes of an undisturbed run. */
  EXACT,
  /** It goes on, also with other versions, machine or threads, which is recorded. */
  INEXACT
}
