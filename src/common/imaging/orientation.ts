/** How a view is turned: quarter turns clockwise first, then the flips. */
export interface Orientation {
	rotation: number
	flipHorizontal: boolean
	flipVertical: boolean
}

export interface RgbaImage {
	width: number
	height: number
	rgba: Uint8ClampedArray<ArrayBuffer>
}

/** RGBA pixels turned and flipped; rotation is a multiple of 90 degrees (others are rounded to one). */
export function orient(image: RgbaImage, orientation: Orientation): RgbaImage {
	const turns = ((Math.round(orientation.rotation / 90) % 4) + 4) % 4
	const { width, height } = image
	const swapped = turns % 2 === 1
	const targetWidth = swapped ? height : width
	const targetHeight = swapped ? width : height
	const source = new Uint32Array(image.rgba.buffer, image.rgba.byteOffset, width * height)
	const target = new Uint32Array(width * height)
	for (let row = 0; row < targetHeight; row++) {
		const turnedRow = orientation.flipVertical ? targetHeight - 1 - row : row
		for (let column = 0; column < targetWidth; column++) {
			const turnedColumn = orientation.flipHorizontal ? targetWidth - 1 - column : column
			let from = turnedRow * width + turnedColumn
			if (turns === 1) from = (height - 1 - turnedColumn) * width + turnedRow
			else if (turns === 2) from = (height - 1 - turnedRow) * width + (width - 1 - turnedColumn)
			else if (turns === 3) from = turnedColumn * width + (width - 1 - turnedRow)
			target[row * targetWidth + column] = source[from] as number
		}
	}
	return { width: targetWidth, height: targetHeight, rgba: new Uint8ClampedArray(target.buffer) }
}
