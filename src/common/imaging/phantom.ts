/**
 * A synthetic chest film, seen from behind as radiologists look at one (the heart to the right of the picture): a small model
 * of what a beam passes (air, soft tissue, lungs, bones, vessels, one opacity) drawn by formula, the same at every call.
 * It shows the program without any patient's film; it is no phantom to measure a network or a monitor with.
 *
 * Coordinates: x from -1 (patient's right) to 1 across the film, y from 0 at the top in the same unit.
 */
export const PHANTOM = { columns: 1024, rows: 1184, bitsStored: 12 } as const

const HALF = PHANTOM.columns / 2

/** Where the opacity is: centre and radius in the coordinates above, for tests that look for it. */
export const PHANTOM_OPACITY = { x: -0.47, y: 1.2, radius: 0.125 } as const

/** Math.hypot is careful about overflow, which costs ten times as much. */
function length(x: number, y: number): number {
	return Math.sqrt(x * x + y * y)
}

function smoothStep(from: number, to: number, value: number): number {
	const t = Math.min(Math.max((value - from) / (to - from), 0), 1)
	return t * t * (3 - 2 * t)
}

function gaussian(distance: number, sigma: number): number {
	return Math.exp(-(distance * distance) / (2 * sigma * sigma))
}

/** A smooth curve through points, constant outside them, as a table: it is asked for a million times. */
function curve(points: readonly (readonly [number, number])[]): (at: number) => number {
	const perUnit = 1024
	const table = Float64Array.from({ length: 2.5 * perUnit }, (_, index) => interpolated(points, index / perUnit))
	const last = table.length - 1
	return (at) => table[Math.min(Math.max(Math.round(at * perUnit), 0), last)] as number
}

/** Cubic interpolation by Catmull and Rom. */
function interpolated(points: readonly (readonly [number, number])[], at: number): number {
	const first = points[0] ?? [0, 0]
	const last = points.at(-1) ?? first
	if (at <= first[0]) return first[1]
	if (at >= last[0]) return last[1]
	let index = 0
	while (index + 2 < points.length && at > (points[index + 1]?.[0] ?? 0)) index++
	const p1 = points[index] ?? first
	const p2 = points[index + 1] ?? last
	const p0 = points[index - 1] ?? p1
	const p3 = points[index + 2] ?? p2
	const span = p2[0] - p1[0]
	const t = (at - p1[0]) / span
	const m1 = ((p2[1] - p0[1]) / (p2[0] - p0[0] || 1)) * span
	const m2 = ((p3[1] - p1[1]) / (p3[0] - p1[0] || 1)) * span
	return (2 * t ** 3 - 3 * t ** 2 + 1) * p1[1] + (t ** 3 - 2 * t ** 2 + t) * m1 + (-2 * t ** 3 + 3 * t ** 2) * p2[1] + (t ** 3 - t ** 2) * m2
}

/** 32-bit hash as noise in 0 to 1: the same for the same place. */
function hash(x: number, y: number, seed: number): number {
	let value = Math.imul(x, 374761393) ^ Math.imul(y, 668265263) ^ Math.imul(seed, 2147483647)
	value = Math.imul(value ^ (value >>> 13), 1274126177)
	return ((value ^ (value >>> 16)) >>> 0) / 4294967296
}

/** Smooth noise of -1 to 1 over a lattice of one unit. */
function smoothNoise(x: number, y: number, seed: number): number {
	const column = Math.floor(x)
	const row = Math.floor(y)
	const across = smoothStep(0, 1, x - column)
	const down = smoothStep(0, 1, y - row)
	const above = hash(column, row, seed) * (1 - across) + hash(column + 1, row, seed) * across
	const below = hash(column, row + 1, seed) * (1 - across) + hash(column + 1, row + 1, seed) * across
	return 2 * (above * (1 - down) + below * down) - 1
}

function fractalNoise(x: number, y: number, seed: number, octaves: number): number {
	let sum = 0
	let weight = 1
	for (let octave = 0; octave < octaves; octave++) {
		sum += weight * smoothNoise(x * 2 ** octave, y * 2 ** octave, seed + octave)
		weight /= 2
	}
	return sum / (2 - 2 * weight)
}

/** Half the width of the body: neck, shoulders out of the picture, chest wall. */
const bodyHalf = curve([[0, 0.3], [0.1, 0.33], [0.2, 0.52], [0.32, 0.9], [0.45, 1.06], [0.8, 1.06], [0.95, 0.985], [1.2, 0.94], [1.7, 0.93], [2.4, 0.95]])
/** Inner side of the chest wall, where ribs run. */
const cageHalf = curve([[0.22, 0.2], [0.3, 0.36], [0.42, 0.5], [0.6, 0.63], [0.9, 0.745], [1.2, 0.805], [1.5, 0.83], [1.9, 0.83]])
/** Mediastinum with heart: its border to the patient's right (negative x) and left. */
const rightBorder = curve([[0.2, 0.1], [0.5, 0.115], [0.75, 0.13], [0.95, 0.135], [1.1, 0.165], [1.3, 0.215], [1.45, 0.215], [1.6, 0.16], [2, 0.12]])
const leftBorder = curve([[0.2, 0.1], [0.52, 0.11], [0.64, 0.165], [0.72, 0.185], [0.8, 0.165], [0.88, 0.165], [0.96, 0.2], [1.08, 0.29], [1.22, 0.4], [1.38, 0.485], [1.5, 0.5], [1.6, 0.46], [1.75, 0.3], [2, 0.2]])
/** Top of the diaphragm by distance from the middle. */
const rightDome = curve([[0.05, 1.66], [0.2, 1.575], [0.4, 1.52], [0.55, 1.535], [0.7, 1.62], [0.78, 1.72], [0.85, 1.86]])
const leftDome = curve([[0.05, 1.72], [0.2, 1.66], [0.42, 1.59], [0.56, 1.595], [0.7, 1.67], [0.78, 1.77], [0.85, 1.9]])

/** How much lung a beam passes, 0 to 1. */
function lungDepth(x: number, y: number): number {
	const right = x < 0
	const side = Math.abs(x)
	const outer = cageHalf(y) - 0.012
	const apex = smoothStep(0.27, 0.5, y + 0.16 * Math.abs(side - 0.27))
	if (side > outer || apex === 0) return 0
	const inner = right ? rightBorder(y) : leftBorder(y)
	const wall = Math.sqrt(smoothStep(0, 0.27, outer - side))
	// The heart lies before the lung, so some lung is seen through its edge.
	const border = smoothStep(-0.012, 0.02, side - inner)
	const behind = smoothStep(0.02, 0.14, side) * 0.22 * smoothStep(0.9, 1.1, y)
	const dome = right ? rightDome(side) : leftDome(side)
	const diaphragm = smoothStep(0.01, -0.012, y - dome)
	const recess = 0.16 * smoothStep(0.13, -0.02, y - dome) * smoothStep(0.1, 0.3, side)
	const depth = 0.72 + 0.28 * gaussian(y - 1.05, 0.5)
	return wall * apex * depth * Math.max(Math.max(border, behind) * diaphragm, border * recess)
}

function softTissue(x: number, y: number): number {
	const half = bodyHalf(y)
	const side = Math.abs(x)
	if (side >= half) return 0
	const edge = 1 - (side / half) ** 2
	const trunk = (0.58 + 0.42 * smoothStep(0.1, 0.7, y)) * edge ** 0.45
	const axillaryFold = 0.1 * smoothStep(0.75, 1.05, side + 0.12 * y) * smoothStep(1.5, 0.8, y)
	// The muscles and the breast add a soft shade over the lower chest.
	const breast = 0.09 * smoothStep(1, 0.6, length((side - 0.47) / 0.42, (y - 1.32) / 0.36))
	return trunk + axillaryFold + breast
}

function mediastinum(x: number, y: number): number {
	const border = x < 0 ? rightBorder(y) : leftBorder(y)
	const inside = smoothStep(0.02, -0.02, Math.abs(x) - border)
	const heart = smoothStep(1.05, 0.2, length((x - 0.14) / 0.42, (y - 1.36) / 0.42))
	const knob = 0.16 * smoothStep(1, 0.75, length((x - 0.085) / 0.105, (y - 0.7) / 0.09))
	// The descending aorta is a faint line to the left of the spine.
	const aorta = 0.09 * smoothStep(0.075, 0.06, Math.abs(x - 0.085)) * smoothStep(0.7, 0.85, y) * smoothStep(1.75, 1.5, y)
	const trachea = smoothStep(0.05, 0.034, Math.abs(x + 0.006 + 0.012 * y)) * smoothStep(0.78, 0.68, y) * smoothStep(-0.1, 0.1, y)
	const bronchus = (along: number, slope: number): number => smoothStep(0.03, 0.018, Math.abs(y - 0.745 - slope * along)) * smoothStep(0, 0.02, along) * smoothStep(0.17, 0.1, along)
	const airways = Math.max(trachea, bronchus(-x, 1.25), bronchus(x, 0.75))
	const visible = smoothStep(0.12, 0.5, y) * smoothStep(1.86, 1.5, y)
	return inside * 0.36 * visible + heart * 0.22 * smoothStep(1.86, 1.55, y) + knob + aorta - airways * 0.24
}

/** Vertebral bodies with discs between them, pedicles and spinous processes. */
function spine(x: number, y: number): number {
	const spacing = 0.118 + 0.018 * y
	const phase = (y + 0.05) / spacing
	const within = phase - Math.floor(phase) - 0.5
	const waist = 0.098 + 0.012 * y - 0.014 * (1 - (2 * within) ** 2)
	const body = smoothStep(0.012, -0.008, Math.abs(x) - waist) * (0.62 + 0.38 * smoothStep(0.48, 0.38, Math.abs(within)))
	const rim = 0.3 * gaussian(Math.abs(within) - 0.37, 0.035) * smoothStep(0.01, -0.01, Math.abs(x) - waist)
	const pedicles = 0.55 * gaussian(length((Math.abs(x) - 0.058) / 0.017, (within * spacing + 0.018) / 0.024), 0.62)
	const process = 0.55 * gaussian(length(x / 0.014, (within * spacing - 0.03) / 0.03), 0.62)
	return body + rim + pedicles + process
}

interface Point {
	x: number
	y: number
	/** Half the thickness there. */
	radius: number
	/** How much of it is seen, 0 to 1. */
	strength: number
}

/** Brightness across a tube: 0 is its middle line, 1 its surface. */
type TubeProfile = (relative: number) => number

/** Bone with a hard shell: brighter at its edges than inside. */
const boneProfile: TubeProfile = (relative) => smoothStep(1.12, 0.86, relative) * (0.62 + 0.38 * smoothStep(0.3, 0.9, relative))
/** A vessel full of blood. */
const vesselProfile: TubeProfile = (relative) => Math.sqrt(Math.max(1 - relative * relative, 0))

/** Draws a tube along points into a plane; within one tube the nearest point counts, so its joints are not seen. Tubes add up, or the larger counts. */
function addTube(plane: Float32Array, points: Point[], amount: number, profile: TubeProfile, scratch: Float32Array, addsUp = true): void {
	let top: number = PHANTOM.rows
	let bottom = -1
	let left: number = PHANTOM.columns
	let right = -1
	for (const { x, y, radius, strength } of points) {
		const centreColumn = (x + 1) * HALF
		const centreRow = y * HALF
		const reach = radius * HALF * 1.15 + 1
		const fromRow = Math.max(Math.floor(centreRow - reach), 0)
		const toRow = Math.min(Math.ceil(centreRow + reach), PHANTOM.rows - 1)
		const fromColumn = Math.max(Math.floor(centreColumn - reach), 0)
		const toColumn = Math.min(Math.ceil(centreColumn + reach), PHANTOM.columns - 1)
		top = Math.min(top, fromRow)
		bottom = Math.max(bottom, toRow)
		left = Math.min(left, fromColumn)
		right = Math.max(right, toColumn)
		for (let row = fromRow; row <= toRow; row++) {
			for (let column = fromColumn; column <= toColumn; column++) {
				const relative = length(column - centreColumn, row - centreRow) / (radius * HALF)
				if (relative >= 1.15) continue
				// Kept as closeness, so that the nearest point of the middle line decides.
				const closeness = (1.15 - relative) * 4
				const index = row * PHANTOM.columns + column
				const packed = Math.floor(closeness * 1000) + Math.min(strength, 0.999)
				if (packed > (scratch[index] as number)) scratch[index] = packed
			}
		}
	}
	for (let row = top; row <= bottom; row++) {
		for (let column = left; column <= right; column++) {
			const index = row * PHANTOM.columns + column
			const packed = scratch[index] as number
			if (packed === 0) continue
			scratch[index] = 0
			const relative = 1.15 - Math.floor(packed) / 4000
			const drawn = amount * (packed - Math.floor(packed)) * profile(relative)
			plane[index] = addsUp ? (plane[index] as number) + drawn : Math.max(plane[index] as number, drawn)
		}
	}
}

/** Both ribs of one pair: behind, from the spine outward, then round the wall and forward, down to where cartilage begins. */
function ribs(plane: Float32Array, scratch: Float32Array): void {
	for (let pair = 0; pair < 10; pair++) {
		const start = 0.27 + pair * 0.137
		for (const side of [-1, 1]) {
			const rib: Point[] = []
			const drop = 0.1 + 0.026 * pair
			const turn = start + drop
			const wall = cageHalf(turn + 0.05) + 0.006
			const radius = 0.0205 + 0.001 * pair
			const floating = pair >= 7
			for (let step = 0; step <= 220; step++) {
				const t = step / 220
				const x = 0.085 + (wall - 0.085) * Math.sin((t * Math.PI) / 2)
				const y = start - (0.036 + 0.004 * Math.min(pair, 4)) * Math.sin(Math.PI * Math.min(t * 1.5, 1)) * (1 - t) + drop * t ** 2.2
				rib.push({ x: side * x, y, radius: radius * (1 - 0.12 * t), strength: 0.95 * (floating ? smoothStep(1, 0.8, t) : 1) })
			}
			const fall = 0.2 + 0.035 * pair
			const inner = 0.36 + 0.018 * pair
			const steps = floating ? 0 : 220
			for (let step = 1; step <= steps; step++) {
				const t = step / 220
				const x = wall - (wall - inner) * (1 - Math.cos((t * Math.PI) / 2)) ** 0.92
				const y = turn + fall * Math.sin((t * Math.PI) / 2) ** 0.86
				rib.push({ x: side * x, y, radius: radius * (0.88 + 0.35 * t), strength: 0.95 * (1 - 0.36 * smoothStep(0, 0.25, t)) * smoothStep(1, 0.82, t) })
			}
			addTube(plane, rib, 0.24, boneProfile, scratch)
		}
	}
}

function shoulders(plane: Float32Array, scratch: Float32Array): void {
	for (const side of [-1, 1]) {
		const clavicle: Point[] = []
		for (let step = 0; step <= 200; step++) {
			const t = step / 200
			const x = 0.085 + 0.72 * t
			const y = 0.475 - 0.215 * t - 0.035 * Math.sin(2 * Math.PI * t)
			clavicle.push({ x: side * x, y, radius: 0.029 + 0.013 * (2 * t - 1) ** 2, strength: 0.95 })
		}
		addTube(plane, clavicle, 0.24, boneProfile, scratch)
		// Scapula: its inner border, its spine, and the head of the humerus in its socket.
		const border: Point[] = []
		const ridge: Point[] = []
		const shaft: Point[] = []
		for (let step = 0; step <= 120; step++) {
			const t = step / 120
			border.push({ x: side * (0.69 + 0.06 * Math.sin(Math.PI * t) + 0.13 * t), y: 0.36 + 0.66 * t, radius: 0.012, strength: 0.8 * smoothStep(0, 0.12, t) * smoothStep(1, 0.9, t) })
			ridge.push({ x: side * (0.7 + 0.24 * t), y: 0.4 - 0.13 * t, radius: 0.02, strength: 0.8 })
			shaft.push({ x: side * (0.965 + 0.09 * t), y: 0.34 + 0.5 * t, radius: 0.085 - 0.022 * Math.min(3 * t, 1), strength: 0.95 })
		}
		addTube(plane, border, 0.11, boneProfile, scratch)
		addTube(plane, ridge, 0.14, boneProfile, scratch)
		addTube(plane, shaft, 0.24, boneProfile, scratch)
	}
}

/** Arteries and veins from the hila outward, forking at angles that the hash decides. */
function vessels(plane: Float32Array, scratch: Float32Array): void {
	let seed = 7
	const grow = (x: number, y: number, angle: number, radius: number, reach: number, level: number): void => {
		const points: Point[] = []
		const bend = (hash(level, seed, 11) - 0.5) * 0.9
		let [atX, atY, heading] = [x, y, angle]
		const steps = Math.ceil(reach * 180)
		for (let step = 0; step <= steps; step++) {
			const t = step / steps
			const inside = lungDepth(atX, atY)
			points.push({ x: atX, y: atY, radius: radius * (1 - 0.32 * t), strength: 0.95 * smoothStep(0.02, 0.3, inside) })
			atX += (Math.cos(heading) * reach) / steps
			atY += (Math.sin(heading) * reach) / steps
			heading += (bend + 1.6 * smoothNoise(atX * 14, atY * 14, 211)) / steps
		}
		addTube(plane, points, Math.min(8 * radius, 0.18), vesselProfile, scratch, false)
		if (level === 0 || radius < 0.0022) return
		const forks = level > 3 ? 3 : 2
		for (let fork = 0; fork < forks; fork++) {
			seed++
			const spread = (fork - (forks - 1) / 2) * (0.62 + 0.3 * hash(seed, level, 3)) + (hash(seed, level, 5) - 0.5) * 0.4
			grow(atX, atY, heading + spread, radius * (0.66 + 0.08 * hash(seed, level, 9)), reach * (0.72 + 0.16 * hash(seed, level, 13)), level - 1)
		}
	}
	for (const [side, x, y] of [[-1, 0.14, 0.9], [1, 0.18, 0.86]] as const) {
		for (const [turn, radius, reach] of [[-1.15, 0.0125, 0.17], [-0.45, 0.0115, 0.17], [0.2, 0.013, 0.17], [0.75, 0.0175, 0.2], [1.2, 0.019, 0.22]] as const) {
			seed++
			grow(side * x, y, side > 0 ? turn : Math.PI - turn, radius, reach, 5)
		}
	}
}

function opacity(x: number, y: number): number {
	const { x: centreX, y: centreY, radius } = PHANTOM_OPACITY
	if (length(x - centreX, y - centreY) > radius * 2) return 0
	const ragged = 0.3 * fractalNoise(x * 9 + 40, y * 9, 71, 3)
	const distance = length((x - centreX) * 0.92, y - centreY) / radius + ragged
	const patchy = 0.85 + 0.3 * fractalNoise(x * 26, y * 26, 83, 2)
	return 0.36 * smoothStep(1.3, 0.3, distance) * patchy
}

/** Air under the left dome and gas in the bowel make the abdomen uneven. */
function abdomen(x: number, y: number): number {
	if (y < 1.4) return 0
	const bubble = smoothStep(1.05, 0.8, length((x - 0.36) / 0.17, (y - 1.745) / 0.085) + 0.08 * fractalNoise(x * 8, y * 8, 31, 2))
	const gas = y < 1.85 ? 0 : smoothStep(0.15, 0.6, fractalNoise(x * 5 + 3, y * 5, 53, 3)) * smoothStep(1.85, 2.1, y) * smoothStep(0, 0.2, x)
	const liver = 0.08 * smoothStep(0.25, -0.2, x) * smoothStep(1.6, 1.75, y)
	const belly = 0.3 * smoothStep(1.5, 1.95, y)
	return belly + liver - 0.22 * bubble - 0.14 * gas
}

/** The letter R in lead at the upper left, as technologists place it. */
function marker(x: number, y: number): number {
	const u = (x + 0.885) / 0.075
	const v = (y - 0.11) / 0.1
	if (u < 0 || u > 1 || v < 0 || v > 1) return 0
	const stem = u < 0.2
	const bowl = Math.abs(length((u - 0.4) / 0.52, (v - 0.27) / 0.27) - 0.82) < 0.2 && u > 0.15
	const leg = v > 0.48 && Math.abs(u - 0.35 - 0.95 * (v - 0.5)) < 0.13
	return stem || bowl || leg ? 1 : 0
}

/** The film: rows x columns values of 0 to 4095, bright where little of the beam comes through (MONOCHROME2). */
export function phantomPixels(): Uint16Array<ArrayBuffer> {
	const { columns, rows } = PHANTOM
	const bones = new Float32Array(columns * rows)
	const blood = new Float32Array(columns * rows)
	const scratch = new Float32Array(columns * rows)
	ribs(bones, scratch)
	shoulders(bones, scratch)
	vessels(blood, scratch)
	const film = new Uint16Array(columns * rows)
	for (let row = 0; row < rows; row++) {
		const y = (row + 0.5) / HALF
		for (let column = 0; column < columns; column++) {
			const x = (column + 0.5) / HALF - 1
			const index = row * columns + column
			const body = softTissue(x, y)
			let beam = body
			if (body > 0) {
				const lung = lungDepth(x, y)
				const seen = smoothStep(0, 0.25, body)
				const backbone = spine(x, y) * (0.16 + 0.03 * smoothStep(1.5, 1.8, y))
				const hilum = 0.07 * (gaussian(length(x + 0.19, (y - 0.94) / 1.5), 0.06) + gaussian(length(x - 0.22, (y - 0.9) / 1.4), 0.055))
				const texture = lung > 0 ? 0.06 * fractalNoise(x * 34, y * 34, 17, 3) * lung : 0
				beam += mediastinum(x, y) + backbone + abdomen(x, y) * smoothStep(0.2, 0, lung)
				beam += -0.74 * lung + (blood[index] as number) + hilum + opacity(x, y) * smoothStep(0, 0.2, lung) + texture
				beam += (bones[index] as number) * seen
				beam += 0.06 * fractalNoise(x * 6 + 9, y * 6, 29, 4)
			}
			beam = Math.max(beam, 0) + 2 * marker(x, y)
			// Film response: steep in the middle, flat at both ends; grain grows where few quanta arrive.
			const response = 1 - Math.exp(-((beam / 0.86) ** 1.35))
			const grain = (hash(column, row, 97) + hash(column, row, 131) + hash(column, row, 173) - 1.5) * (10 + 26 * response)
			const value = 70 + 3850 * response + grain
			film[index] = Math.min(Math.max(Math.round(value), 0), 4095)
		}
	}
	return film
}
