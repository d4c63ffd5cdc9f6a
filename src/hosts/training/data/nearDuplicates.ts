/** Side of the small grey pictures that are compared. */
export const THUMBNAIL_SIDE = 16

/** Two images are near-duplicates when their hashes differ in at most so many of 64 bits, */
export const HASH_DISTANCE = 7
/** and when what tells them from the average image agrees that well (correlation). */
export const LIKENESS = 0.9

/** Below this many images there is no average worth the name: pictures themselves are compared, */
const FEW = 64
/** and have to agree that well. */
const PICTURE_LIKENESS = 0.99

const WAVES = 8
const BANDS = 4

export interface NearDuplicate {
	/** Positions, the smaller first. */
	first: number
	second: number
	/** Correlation, up to 1. */
	likeness: number
}

/**
 * Pairs of images that show nearly the same: re-encoded, made smaller, brighter or blurred, or cut by a few per cent. All chest films look alike, so
 * a common difference hash finds hundreds of thousands of pairs among five thousand films; therefore each of the 64 lowest cosine waves of a picture (as in
 * pHash, after its mean and contrast are taken out) is compared with the median of the whole data set, which makes every bit tell as much as it can.
 * Pairs within HASH_DISTANCE bits are found by four bands of 16 bits: one of them differs in at most one bit.
 */
export function findNearDuplicates(thumbnails: readonly Uint8Array[]): NearDuplicate[] {
	const count = thumbnails.length
	const waves = thumbnails.map(wavesOf)
	if (count < FEW) return allPairs(waves, PICTURE_LIKENESS)
	const middle = new Float32Array(WAVES * WAVES)
	const spread = new Float32Array(WAVES * WAVES)
	for (let wave = 0; wave < middle.length; wave++) {
		const values = Float32Array.from(waves, (own) => own[wave] as number).toSorted()
		middle[wave] = values[count >> 1] as number
		spread[wave] = Math.sqrt(values.reduce((sum, value) => sum + (value - (middle[wave] as number)) ** 2, 0) / count) || 1
	}
	const hashes = new Uint32Array(2 * count)
	for (const [index, own] of waves.entries()) {
		for (let wave = 0; wave < own.length; wave++) {
			const apart = (own[wave] as number) - (middle[wave] as number)
			if (apart > 0) hashes[2 * index + (wave >> 5)] = (hashes[2 * index + (wave >> 5)] as number) | (1 << (wave & 31))
			own[wave] = apart / (spread[wave] as number)
		}
		normalise(own)
	}
	const found: NearDuplicate[] = []
	for (const [first, second] of closePairs(hashes)) {
		const likeness = product(waves[first] as Float32Array, waves[second] as Float32Array)
		if (likeness >= LIKENESS) found.push({ first, second, likeness: Math.min(1, likeness) })
	}
	return found.toSorted((a, b) => a.first - b.first || a.second - b.second)
}

function allPairs(waves: readonly Float32Array[], least: number): NearDuplicate[] {
	const found: NearDuplicate[] = []
	for (const own of waves) normalise(own)
	for (const [second, own] of waves.entries()) {
		for (let first = 0; first < second; first++) {
			const likeness = product(waves[first] as Float32Array, own)
			if (likeness >= least) found.push({ first, second, likeness: Math.min(1, likeness) })
		}
	}
	return found.toSorted((a, b) => a.first - b.first || a.second - b.second)
}

/** Pairs of positions whose hashes (two words each) differ in at most HASH_DISTANCE bits, each once. */
function* closePairs(hashes: Uint32Array): Generator<[number, number]> {
	const count = hashes.length / 2
	const bands = Array.from({ length: BANDS }, (_, band) => bucketsOf(hashes, band))
	for (let second = 0; second < count; second++) {
		for (const [band, { starts, members }] of bands.entries()) {
			const own = bandOf(hashes, second, band)
			for (let bit = -1; bit < 16; bit++) {
				const bucket = bit < 0 ? own : own ^ (1 << bit)
				for (let place = starts[bucket] as number; place < (starts[bucket + 1] as number); place++) {
					const first = members[place] as number
					// Members stand in order: what follows is found from the other side.
					if (first >= second) break
					if (distance(hashes, first, second) <= HASH_DISTANCE && !earlierBand(hashes, first, second, band)) yield [first, second]
				}
			}
		}
	}
}

/** Whether a band before this one has found the pair. */
function earlierBand(hashes: Uint32Array, first: number, second: number, band: number): boolean {
	for (let before = 0; before < band; before++) if (bitCount(bandOf(hashes, first, before) ^ bandOf(hashes, second, before)) <= 1) return true
	return false
}

function bandOf(hashes: Uint32Array, index: number, band: number): number {
	return ((hashes[2 * index + (band >> 1)] as number) >>> ((band & 1) * 16)) & 0xffff
}

function bucketsOf(hashes: Uint32Array, band: number): { starts: Uint32Array; members: Uint32Array } {
	const count = hashes.length / 2
	const starts = new Uint32Array(0x10001)
	for (let index = 0; index < count; index++) {
		const bucket = bandOf(hashes, index, band) + 1
		starts[bucket] = (starts[bucket] as number) + 1
	}
	for (let bucket = 1; bucket < starts.length; bucket++) starts[bucket] = (starts[bucket] as number) + (starts[bucket - 1] as number)
	const next = starts.slice()
	const members = new Uint32Array(count)
	for (let index = 0; index < count; index++) {
		const bucket = bandOf(hashes, index, band)
		members[next[bucket] as number] = index
		next[bucket] = (next[bucket] as number) + 1
	}
	return { starts, members }
}

function distance(hashes: Uint32Array, first: number, second: number): number {
	return bitCount((hashes[2 * first] as number) ^ (hashes[2 * second] as number)) + bitCount((hashes[2 * first + 1] as number) ^ (hashes[2 * second + 1] as number))
}

function bitCount(word: number): number {
	let bits = word - ((word >>> 1) & 0x55555555)
	bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333)
	return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

const COSINES = Array.from({ length: WAVES }, (_, wave) => Float64Array.from({ length: THUMBNAIL_SIDE }, (_unused, place) => Math.cos((Math.PI * wave * (place + 0.5)) / THUMBNAIL_SIDE)))

/** The 8 x 8 lowest coefficients of the cosine transform of a thumbnail with mean 0 and deviation 1 (all 0 where it has one grey). */
function wavesOf(thumbnail: Uint8Array): Float32Array {
	const mean = thumbnail.reduce((sum, value) => sum + value, 0) / thumbnail.length
	const deviation = Math.sqrt(thumbnail.reduce((sum, value) => sum + (value - mean) ** 2, 0) / thumbnail.length) || 1
	const rows = new Float64Array(THUMBNAIL_SIDE * WAVES)
	for (let row = 0; row < THUMBNAIL_SIDE; row++) {
		for (const [wave, cosine] of COSINES.entries()) {
			let sum = 0
			for (let column = 0; column < THUMBNAIL_SIDE; column++) sum += (((thumbnail[row * THUMBNAIL_SIDE + column] as number) - mean) / deviation) * (cosine[column] as number)
			rows[row * WAVES + wave] = sum
		}
	}
	const waves = new Float32Array(WAVES * WAVES)
	for (const [vertical, cosine] of COSINES.entries()) {
		for (let horizontal = 0; horizontal < WAVES; horizontal++) {
			let sum = 0
			for (let row = 0; row < THUMBNAIL_SIDE; row++) sum += (rows[row * WAVES + horizontal] as number) * (cosine[row] as number)
			waves[vertical * WAVES + horizontal] = sum
		}
	}
	return waves
}

function normalise(values: Float32Array): void {
	const length = Math.sqrt(product(values, values)) || 1
	for (let index = 0; index < values.length; index++) values[index] = (values[index] as number) / length
}

function product(a: Float32Array, b: Float32Array): number {
	let sum = 0
	for (let index = 0; index < a.length; index++) sum += (a[index] as number) * (b[index] as number)
	return sum
}
