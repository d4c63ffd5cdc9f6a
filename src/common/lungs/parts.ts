/** A connected part of a mask: the places of its pixels. */
export type Part = Int32Array

/** The connected parts of what is not 0 in a mask of side x side, the largest first (the one that begins higher up where two are equal); neighbours share an edge. */
export function partsOf(mask: Uint8Array, side: number): Part[] {
	const left = mask.slice()
	const stack = new Int32Array(mask.length)
	const parts: Part[] = []
	for (let start = 0; start < mask.length; start++) {
		if (left[start] !== 0) parts.push(takePart(left, side, start, stack))
	}
	return parts.toSorted((a, b) => b.length - a.length)
}

/** Sets the part that holds `start` to 0. @param stack As long as the mask: places that wait at its beginning, places that were taken at its end. */
function takePart(mask: Uint8Array, side: number, start: number, stack: Int32Array): Part {
	let waiting = 1
	let taken = mask.length
	stack[0] = start
	mask[start] = 0
	const reach = (place: number) => {
		if (mask[place] === 0) return
		mask[place] = 0
		stack[waiting++] = place
	}
	while (waiting > 0) {
		const place = stack[--waiting]!
		stack[--taken] = place
		const column = place % side
		if (column > 0) reach(place - 1)
		if (column < side - 1) reach(place + 1)
		if (place >= side) reach(place - side)
		if (place < mask.length - side) reach(place + side)
	}
	return stack.slice(taken)
}

/** The part as a mask of its own, side x side, with the holes in it filled: what is enclosed by it and does not reach the mask's border. */
export function filled(part: Part, side: number): Uint8Array {
	const mask = new Uint8Array(side * side).fill(1)
	for (const place of part) mask[place] = 0
	// What is not the part is taken away from the border inwards; the holes stay.
	const stack = new Int32Array(mask.length)
	for (let index = 0; index < side; index++) {
		for (const place of [index, side * (side - 1) + index, index * side, index * side + side - 1]) if (mask[place] === 1) takePart(mask, side, place, stack)
	}
	for (const place of part) mask[place] = 1
	return mask
}
