/** The most seconds that two clocks may differ: the gateway allows no difference, and GitLab's tokens start 5 s in the past. */
export const clockLimitSeconds = 5;
