import type { InputRecipe } from '../../../common/contract/training/recipe.ts'
import type { GraphBuilder } from '../../../onnx/builder.ts'
import { float32Tensor, int64Tensor, type Tensor } from '../../../onnx/model.ts'

/** ITU-R BT.601, as the luminance of the pixel path (src/common/imaging/window.ts). */
const LUMINANCE = [0.299, 0.587, 0.114]

/**
 * Images that were prepared for one network as another one wants them: back to display values, to grey where that is wanted, normalised anew
 * by one 1x1 convolution, and resized (bilinear, antialiased where the image gets smaller).
 * @param image [batch, 3, from.size, from.size]
 * @returns [batch, 3, to.size, to.size]
 */
export function adaptImages(build: GraphBuilder, image: string, from: InputRecipe, to: InputRecipe): string {
	const kernel: number[] = []
	const bias: number[] = []
	for (let output = 0; output < 3; output++) {
		let sum = -at(to.mean, output)
		for (let channel = 0; channel < 3; channel++) {
			// Grey images have the same value in all three channels already.
			const share = to.colour === 'grey' && from.colour === 'rgb' ? at(LUMINANCE, channel) : channel === output ? 1 : 0
			kernel.push((share * at(from.std, channel)) / at(to.std, output))
			sum += share * at(from.mean, channel)
		}
		bias.push(sum / at(to.std, output))
	}
	// Names of its own: those that the builder makes up are the ones of the network that comes after it.
	const constant = (tensor: Tensor) => build.initializer(tensor)
	const unchanged = kernel.every((value, index) => value === (index % 4 === 0 ? 1 : 0)) && bias.every((value) => value === 0)
	const normalised = unchanged ? image : build.node('Conv', [image, constant(float32Tensor('adapt/kernel', [3, 3, 1, 1], kernel)), constant(float32Tensor('adapt/bias', [3], bias))], { kernel_shape: [1, 1] }, 'adapt/normalised')
	if (from.size === to.size) return normalised
	return build.node('Resize', [normalised, '', '', constant(int64Tensor('adapt/sizes', [build.dims(image)[0] ?? 1, 3, to.size, to.size]))], {
		mode: 'linear', coordinate_transformation_mode: 'half_pixel', antialias: to.size < from.size ? 1 : 0,
	}, 'adapt/resized')
}

function at(values: readonly number[], index: number): number {
	return values[index] ?? 0
}
