/** Bounds on what a file may ask for; beyond them it is refused. */
export const LIMITS = {
	/** Just under 2 GiB: what one buffer of Node's file functions holds. */
	fileBytes: 2 ** 31 - 1,
	side: 16384,
	frames: 100_000,
	/** Decoded pixels of one frame. */
	frameBytes: 2 ** 30,
	/** What a deflated DICOM file may unfold to. */
	inflatedBytes: 2 ** 30,
	/** Elements of one header, nested ones included. */
	elements: 1_000_000,
	sequenceDepth: 32,
	metadataRows: 20_000,
	/** Characters of one shown value. */
	textLength: 1024,
	archiveEntries: 50_000,
	archiveBytes: 8 * 2 ** 30,
	archiveEntryBytes: 2 ** 31 - 1,
	/** Unpacked over packed size of one entry; deflate itself cannot exceed about 1032. */
	archiveRatio: 500,
} as const
