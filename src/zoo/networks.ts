import type { Network } from '../onnx/network.ts'
import { buildAutoFormerV2Tiny } from './autoformer.ts'
import { buildDenseNet121, buildDenseNet161 } from './densenet.ts'
import type { NetworkOptions } from './layers.ts'
import { buildMobileNetV2 } from './mobilenet.ts'
import { EEEA_NET_C2, OFA_595, type OfaEncoding } from './ofa/encoding.ts'
import { buildOfaNetwork } from './ofa/network.ts'
import { buildVgg19 } from './vgg.ts'
import { buildVisformerSmall } from './visformer.ts'

interface NetworkDefinition {
	/** As recipes and the command line name it. */
	name: string
	title: string
	family: 'VGG' | 'DenseNet' | 'MobileNetV2' | 'OFA-MobileNetV3' | 'Visformer' | 'AutoFormerV2'
	/** Usual side of the image in pixels. */
	inputSize: number
	/** Some of its parameters have sizes that follow from the image's, so that its weights fit one image size only. */
	fixedInputSize: boolean
	/** @throws Error when the options are not possible for it. */
	build(options: NetworkOptions): Network
}

function ofaPreset(name: string, title: string, encoding: OfaEncoding, dropout: number): NetworkDefinition {
	return {
		name, title, family: 'OFA-MobileNetV3', inputSize: encoding.inputSize, fixedInputSize: false,
		build: (options) => buildOfaNetwork(encoding, { ...options, name, title, dropout }),
	}
}

/** The papers' networks, and MobileNetV2, of which weights learned on ImageNet are at hand. Dropout of the OFA presets is that of their published configurations. */
export const NETWORKS: readonly NetworkDefinition[] = [
	{ name: 'vgg19', title: 'VGG19', family: 'VGG', inputSize: 224, fixedInputSize: false, build: buildVgg19 },
	{ name: 'densenet121', title: 'DenseNet121', family: 'DenseNet', inputSize: 224, fixedInputSize: false, build: buildDenseNet121 },
	{ name: 'densenet161', title: 'DenseNet161', family: 'DenseNet', inputSize: 224, fixedInputSize: false, build: buildDenseNet161 },
	{ name: 'visformer-s', title: 'Visformer-S', family: 'Visformer', inputSize: 224, fixedInputSize: true, build: buildVisformerSmall },
	{ name: 'autoformerv2-t', title: 'AutoFormerV2-T', family: 'AutoFormerV2', inputSize: 224, fixedInputSize: true, build: buildAutoFormerV2Tiny },
	{ name: 'mobilenetv2', title: 'MobileNetV2', family: 'MobileNetV2', inputSize: 224, fixedInputSize: false, build: buildMobileNetV2 },
	ofaPreset('ofa-595', 'OFA-595', OFA_595, 0.2),
	ofaPreset('eeea-net-c2', 'EEEA-Net-C2', EEEA_NET_C2, 0),
]

/**
 * @param options inputSize: otherwise the network's usual one
 * @throws Error when there is no such network or the options are not possible for it
 */
export function buildNetwork(name: string, options: { classes: number; inputSize?: number }): Network {
	const definition = NETWORKS.find((one) => one.name === name)
	if (!definition) throw new Error(`There is no network "${name}". There are: ${NETWORKS.map((one) => one.name).join(', ')}.`)
	return definition.build({ classes: options.classes, inputSize: options.inputSize ?? definition.inputSize })
}
