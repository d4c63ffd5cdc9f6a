import sharp from 'sharp'
import type { Augmentation } from '../../../../common/contract/training/augmentation.ts'
import type { RandomStream } from '../../../../common/random.ts'
import { resample, type Affine, type Planes } from './resample.ts'

/** An image, and a plane of its size of what is marked on it. */
interface MarkedPlanes extends Planes {
	mask?: Uint8Array | null
}

/**
 * A randomly changed copy of an image at the network's size. What is drawn depends on the stream alone, so the same stream gives the same picture.
 * All geometry is one resampling, and the mask goes through the same; grey values change on the image alone. @param size side of the result, in pixels.
 */
export async function augment(image: MarkedPlanes, augmentation: Augmentation, size: number, stream: RandomStream): Promise<{ planes: Uint8Array[]; mask: Uint8Array | null }> {
	const map = drawGeometry(image, augmentation, size, stream)
	const { mask } = image
	const moved = resample(mask ? { ...image, planes: [...image.planes, mask] } : image, map, size, augmentation.border)
	return { planes: await changeTones(moved.slice(0, image.planes.length), augmentation, size, stream), mask: mask ? (moved.at(-1) ?? null) : null }
}

async function changeTones(image: Uint8Array[], augmentation: Augmentation, size: number, stream: RandomStream): Promise<Uint8Array[]> {
	let planes = image
	const tones = drawTones(augmentation, stream)
	if (tones) for (const plane of planes) for (let index = 0; index < plane.length; index++) plane[index] = tones[plane[index] as number] as number
	if (happens(augmentation.blur, stream)) {
		const deviation = 0.1 + stream.uniform() * (augmentation.blurPixels - 0.1)
		planes = planes.map((plane) => blurred(plane, size, deviation))
	}
	if (augmentation.noise > 0) {
		const deviation = stream.uniform() * augmentation.noise * 255
		for (const plane of planes) addNoise(plane, deviation, stream.integer(2 ** 32))
	}
	if (happens(augmentation.jpeg, stream)) planes = await throughJpeg(planes, size, augmentation.jpegQuality + stream.integer(96 - Math.min(augmentation.jpegQuality, 95)))
	if (happens(augmentation.frame, stream)) blackenFrame(planes, size, Math.round((0.01 + stream.uniform() * (augmentation.frameWidth - 0.01)) * size))
	if (happens(augmentation.erase, stream)) erase(planes, size, augmentation.eraseArea, stream)
	return planes
}

function happens(probability: number, stream: RandomStream): boolean {
	return probability > 0 && stream.uniform() < probability
}

function around(range: number, stream: RandomStream): number {
	return (2 * stream.uniform() - 1) * range
}

/** From 1 / (1 + range) to 1 + range, as much above as below. */
function factor(range: number, stream: RandomStream): number {
	const grow = stream.uniform() < 0.5
	const by = 1 + stream.uniform() * range
	return grow ? by : 1 / by
}

/** The map from result to image: symmetry, crop, scale and shift in fractions of the image, then the turn in its pixels, so that a stretched film turns without shear. */
function drawGeometry({ width, height }: Planes, augmentation: Augmentation, size: number, stream: RandomStream): Affine {
	const mirrored = augmentation.symmetries ? stream.uniform() < 0.5 : happens(augmentation.horizontalFlip, stream)
	const quarters = augmentation.symmetries ? stream.integer(4) : 0
	const share = Math.sqrt(1 - stream.uniform() * (1 - augmentation.crop))
	const centre = [around((1 - share) / 2, stream) + around(augmentation.translation, stream), around((1 - share) / 2, stream) + around(augmentation.translation, stream)] as const
	const extent = share / factor(augmentation.scale, stream)
	const angle = (around(augmentation.rotation, stream) * Math.PI) / 180
	const cosine = Math.cos(angle)
	const sine = Math.sin(angle)
	// Quarter turns and mirror: result (u, v) -> image (u, v), both from -0.5 to 0.5.
	const turn = ([[1, 0, 0, 1], [0, -1, 1, 0], [-1, 0, 0, -1], [0, 1, -1, 0]] as const)[quarters] ?? [1, 0, 0, 1]
	const flip = mirrored ? -1 : 1
	const uu = (turn[0] * flip * extent * width) / size
	const uv = (turn[1] * extent * width) / size
	const vu = (turn[2] * flip * extent * height) / size
	const vv = (turn[3] * extent * height) / size
	const map = { a: cosine * uu - sine * vu, b: cosine * uv - sine * vv, c: sine * uu + cosine * vu, d: sine * uv + cosine * vv }
	const x = centre[0] * width
	const y = centre[1] * height
	const middle = size / 2
	return {
		...map,
		x: width / 2 + cosine * x - sine * y - (map.a + map.b) * middle,
		y: height / 2 + sine * x + cosine * y - (map.c + map.d) * middle,
	}
}

/** Gamma, contrast and brightness as one table; null where nothing changes. */
function drawTones({ brightness, contrast, gamma }: Augmentation, stream: RandomStream): Uint8Array | null {
	if (brightness === 0 && contrast === 0 && gamma === 0) return null
	const exponent = factor(gamma, stream)
	const slope = 1 + around(contrast, stream)
	const offset = around(brightness, stream)
	return Uint8Array.from({ length: 256 }, (_, value) => clamp8((((value / 255) ** exponent - 0.5) * slope + 0.5 + offset) * 255))
}

function clamp8(value: number): number {
	return value <= 0 ? 0 : value >= 255 ? 255 : Math.round(value)
}

/** Gaussian blur, cut at three deviations, the edge repeated. */
function blurred(plane: Uint8Array, size: number, deviation: number): Uint8Array {
	const radius = Math.ceil(3 * deviation)
	const kernel = Float32Array.from({ length: 2 * radius + 1 }, (_, index) => Math.exp(-((index - radius) ** 2) / (2 * deviation * deviation)))
	const sum = kernel.reduce((all, weight) => all + weight, 0)
	for (let index = 0; index < kernel.length; index++) kernel[index] = (kernel[index] as number) / sum
	const across = new Float32Array(plane.length)
	const result = new Uint8Array(plane.length)
	for (let row = 0; row < size; row++) {
		for (let column = 0; column < size; column++) {
			let value = 0
			for (let offset = -radius; offset <= radius; offset++) value += (kernel[offset + radius] as number) * (plane[row * size + Math.min(Math.max(column + offset, 0), size - 1)] as number)
			across[row * size + column] = value
		}
	}
	for (let row = 0; row < size; row++) {
		for (let column = 0; column < size; column++) {
			let value = 0
			for (let offset = -radius; offset <= radius; offset++) value += (kernel[offset + radius] as number) * (across[Math.min(Math.max(row + offset, 0), size - 1) * size + column] as number)
			result[row * size + column] = clamp8(value)
		}
	}
	return result
}

/** Deviation of the sum of four bytes that are evenly spread. */
const FOUR_BYTES_DEVIATION = Math.sqrt((4 * (256 ** 2 - 1)) / 12)

/** Near-Gaussian noise, a hash of seed and place per pixel: Philox for each would take longer than all the rest. */
function addNoise(plane: Uint8Array, deviation: number, seed: number): void {
	const scale = deviation / FOUR_BYTES_DEVIATION
	for (let index = 0; index < plane.length; index++) {
		let word = (seed + Math.imul(index, 0x9e3779b9)) | 0
		word = Math.imul(word ^ (word >>> 16), 0x85ebca6b)
		word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35)
		word ^= word >>> 16
		const sum = (word & 255) + ((word >>> 8) & 255) + ((word >>> 16) & 255) + (word >>> 24) - 510
		plane[index] = clamp8((plane[index] as number) + sum * scale)
	}
}

async function throughJpeg(planes: readonly Uint8Array[], size: number, quality: number): Promise<Uint8Array[]> {
	const channels = planes.length === 3 ? 3 : 1
	const pixels = new Uint8Array(size * size * channels)
	for (const [channel, plane] of planes.entries()) for (let index = 0; index < plane.length; index++) pixels[index * channels + channel] = plane[index] as number
	const jpeg = await sharp(pixels, { raw: { width: size, height: size, channels } }).jpeg({ quality }).toBuffer()
	const { data, info } = await sharp(jpeg).toColourspace(channels === 1 ? 'b-w' : 'srgb').raw().toBuffer({ resolveWithObject: true })
	return planes.map((_, channel) => {
		const plane = new Uint8Array(size * size)
		for (let index = 0; index < plane.length; index++) plane[index] = data[index * info.channels + channel] as number
		return plane
	})
}

function blackenFrame(planes: readonly Uint8Array[], size: number, width: number): void {
	for (const plane of planes) {
		for (let row = 0; row < size; row++) {
			if (row < width || row >= size - width) plane.fill(0, row * size, (row + 1) * size)
			else {
				plane.fill(0, row * size, row * size + width)
				plane.fill(0, (row + 1) * size - width, (row + 1) * size)
			}
		}
	}
}

/** Grey over a rectangle, up to twice as long as wide. */
function erase(planes: readonly Uint8Array[], size: number, largest: number, stream: RandomStream): void {
	const area = 0.02 + stream.uniform() * (largest - 0.02)
	const ratio = Math.sqrt(factor(1, stream))
	const width = Math.min(size, Math.max(1, Math.round(Math.sqrt(area) * ratio * size)))
	const height = Math.min(size, Math.max(1, Math.round((Math.sqrt(area) / ratio) * size)))
	const left = stream.integer(size - width + 1)
	const top = stream.integer(size - height + 1)
	for (const plane of planes) for (let row = top; row < top + height; row++) plane.fill(128, row * size + left, row * size + left + width)
}
