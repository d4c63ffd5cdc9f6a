/** Column and row, or x and y. Film points are in pixels, the centre of the first pixel being (0, 0); canvas points in CSS pixels. */
export type Point = readonly [number, number]

/** Quarter turns clockwise, then flips of what is seen. */
export interface Orientation {
	rotation: 0 | 90 | 180 | 270
	flipHorizontal: boolean
	flipVertical: boolean
}

/** Which part of the film is seen, how large and which way up. */
export interface Placement {
	/** Whole film in view, at any size of the light box; scale and center are then not looked at. */
	fit: boolean
	/** CSS pixels per film column. */
	scale: number
	/** Film point in the middle of the light box. */
	center: Point
	orientation: Orientation
}

/** What of a film matters for its geometry. aspect: height of a film pixel in widths of one. */
export interface FilmSize {
	rows: number
	columns: number
	aspect: number
}

export interface CanvasSize {
	width: number
	height: number
}

/** canvas x = a * column + c * row + e; canvas y = b * column + d * row + f: the order of CanvasRenderingContext2D.setTransform. */
export interface Affine { a: number; b: number; c: number; d: number; e: number; f: number }

export const UPRIGHT: Orientation = { rotation: 0, flipHorizontal: false, flipVertical: false }
export const WHOLE_FILM: Placement = { fit: true, scale: 1, center: [0, 0], orientation: UPRIGHT }

const SMALLEST_SCALE = 0.01
const LARGEST_SCALE = 64

/** Turns what is seen by a quarter, clockwise for 1, anticlockwise for -1. */
export function turned(orientation: Orientation, quarters: 1 | -1): Orientation {
	return {
		rotation: (((orientation.rotation + quarters * 90 + 360) % 360) as Orientation['rotation']),
		// A flip before a quarter turn is the other flip after it.
		flipHorizontal: orientation.flipVertical,
		flipVertical: orientation.flipHorizontal,
	}
}

export function flipped(orientation: Orientation, direction: 'horizontal' | 'vertical'): Orientation {
	return direction === 'horizontal'
		? { ...orientation, flipHorizontal: !orientation.flipHorizontal }
		: { ...orientation, flipVertical: !orientation.flipVertical }
}

/** The orientation as a matrix [a, b, c, d] of -1, 0 and 1: x' = a x + c y, y' = b x + d y, y downwards. */
export function orientationMatrix({ rotation, flipHorizontal, flipVertical }: Orientation): readonly [number, number, number, number] {
	const cosine = rotation === 0 ? 1 : rotation === 180 ? -1 : 0
	const sine = rotation === 90 ? 1 : rotation === 270 ? -1 : 0
	const x = flipHorizontal ? -1 : 1
	const y = flipVertical ? -1 : 1
	return [x * cosine, y * sine, -x * sine, y * cosine]
}

/** CSS pixels per film column at which the whole film is just in view. */
export function fitScale(film: FilmSize, canvas: CanvasSize, orientation: Orientation): number {
	const width = film.columns
	const height = film.rows * film.aspect
	const sideways = orientation.rotation % 180 !== 0
	const scale = Math.min(canvas.width / (sideways ? height : width), canvas.height / (sideways ? width : height))
	return Math.max(scale, Number.MIN_VALUE)
}

export function filmCenter(film: FilmSize): Point {
	return [(film.columns - 1) / 2, (film.rows - 1) / 2]
}

/** Scale and centre as they are in a light box of this size. */
export function resolved(placement: Placement, film: FilmSize, canvas: CanvasSize): Placement {
	if (!placement.fit) return placement
	return { ...placement, scale: fitScale(film, canvas, placement.orientation), center: filmCenter(film) }
}

/** Film pixels to CSS pixels of the light box. */
export function filmToCanvas(placement: Placement, film: FilmSize, canvas: CanvasSize): Affine {
	const { scale, center, orientation } = resolved(placement, film, canvas)
	const [xx, yx, xy, yy] = orientationMatrix(orientation)
	const a = scale * xx
	const b = scale * yx
	const c = scale * film.aspect * xy
	const d = scale * film.aspect * yy
	return { a, b, c, d, e: canvas.width / 2 - a * center[0] - c * center[1], f: canvas.height / 2 - b * center[0] - d * center[1] }
}

export function apply(affine: Affine, [x, y]: Point): Point {
	return [affine.a * x + affine.c * y + affine.e, affine.b * x + affine.d * y + affine.f]
}

/** The affine map through three points: where the film points (0, 0), (1, 0) and (0, 1) come to lie. */
export function affineThrough(origin: Point, column: Point, row: Point): Affine {
	return { a: column[0] - origin[0], b: column[1] - origin[1], c: row[0] - origin[0], d: row[1] - origin[1], e: origin[0], f: origin[1] }
}

export function inverted({ a, b, c, d, e, f }: Affine): Affine {
	const determinant = a * d - b * c
	return {
		a: d / determinant,
		b: -b / determinant,
		c: -c / determinant,
		d: a / determinant,
		e: (c * f - d * e) / determinant,
		f: (b * e - a * f) / determinant,
	}
}

/** Zooms by a factor; the film point below `anchor` (CSS pixels) stays where it is. */
export function zoomed(placement: Placement, film: FilmSize, canvas: CanvasSize, factor: number, anchor: Point): Placement {
	const before = resolved(placement, film, canvas)
	const scale = Math.min(Math.max(before.scale * factor, SMALLEST_SCALE), LARGEST_SCALE)
	const point = apply(inverted(filmToCanvas(before, film, canvas)), anchor)
	const kept = before.scale / scale
	return {
		...before,
		fit: false,
		scale,
		center: [point[0] + (before.center[0] - point[0]) * kept, point[1] + (before.center[1] - point[1]) * kept],
	}
}

/** Moves the film by CSS pixels. */
export function panned(placement: Placement, film: FilmSize, canvas: CanvasSize, [x, y]: Point): Placement {
	const before = resolved(placement, film, canvas)
	const { a, b, c, d } = inverted(filmToCanvas(before, film, canvas))
	return { ...before, fit: false, center: [before.center[0] - (a * x + c * y), before.center[1] - (b * x + d * y)] }
}

/** One film pixel on one pixel of the screen. */
export function atFullSize(placement: Placement, film: FilmSize, canvas: CanvasSize, pixelRatio: number): Placement {
	return { ...resolved(placement, film, canvas), fit: false, scale: 1 / pixelRatio }
}

/**
 * The placement of a linked light box: the same zoom relative to the whole film and the same place on the screen relative
 * to the film's middle, so that films of different resolution follow each other. The orientation stays its own.
 */
export function followed(
	leader: { placement: Placement; film: FilmSize; canvas: CanvasSize },
	follower: { placement: Placement; film: FilmSize; canvas: CanvasSize },
): Placement {
	if (leader.placement.fit) return { ...follower.placement, fit: true }
	const lead = resolved(leader.placement, leader.film, leader.canvas)
	const { orientation } = follower.placement
	const leaderFit = fitScale(leader.film, leader.canvas, lead.orientation)
	const followerFit = fitScale(follower.film, follower.canvas, orientation)
	const scale = Math.min(Math.max((lead.scale / leaderFit) * followerFit, SMALLEST_SCALE), LARGEST_SCALE)
	const [leadX, leadY] = apply(filmToCanvas(lead, leader.film, leader.canvas), filmCenter(leader.film))
	// How much larger the follower's film is on its screen, by the root of the areas: the one may lie on its side.
	const larger = (followerFit * Math.sqrt(area(follower.film))) / (leaderFit * Math.sqrt(area(leader.film)))
	const offset: Point = [(leadX - leader.canvas.width / 2) * larger, (leadY - leader.canvas.height / 2) * larger]
	const centered: Placement = { fit: false, scale, center: filmCenter(follower.film), orientation }
	return panned(centered, follower.film, follower.canvas, offset)
}

function area({ rows, columns, aspect }: FilmSize): number {
	return rows * columns * aspect
}
