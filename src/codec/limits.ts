/** Longest version 2 datagram that is read, in bytes: one Ethernet jumbo frame (9,000 bytes less the IPv4 and UDP headers). Room for a later writer, none for an endless one. */
export const MAX_V2_DATAGRAM_BYTES = 8972;

/** Longest version 1 datagram that is read, in bytes: the most that UDP over IPv4 carries. 0.01 sends its whole list in one, however long. */
export const MAX_V1_DATAGRAM_BYTES = 65_507;

/** Most parts that one announcement is sent in. Some 30,000 disks on one host. */
export const MAX_PARTS = 4096;

/** Most rows in one datagram. */
export const MAX_ROWS = 4096;

/** Longest text of a disk, in UTF-16 units: no longer one fits a datagram that diskd or 0.01 reads whole. */
export const MAX_TEXT_LENGTH = 1400;

/** Longest name of a host, in UTF-16 units when read and in UTF-8 bytes when written. A DNS name has 253. */
export const MAX_HOST_LENGTH = 255;

/** Longest version of a program, counted as `MAX_HOST_LENGTH` is. */
export const MAX_VERSION_LENGTH = 64;

/** Shortest and longest time between two announcements that a sender can claim, in seconds. */
export const MIN_EVERY_SECONDS = 1;
export const MAX_EVERY_SECONDS = 86_400;
