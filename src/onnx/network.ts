import type { Graph } from './model.ts'

/** Values of parameters by name, each in the row-major order of its sizes. */
export type Weights = Map<string, Float32Array>

/** What a parameter is for; running statistics are kept by batch normalisation and never trained. */
export type ParameterRole = 'weight' | 'bias' | 'normScale' | 'normShift' | 'runningMean' | 'runningVariance' | 'position'

/** How the first values are drawn, with the terms of torch.nn.init. */
export type Initialisation =
	| { kind: 'constant'; value: number }
	| { kind: 'normal'; deviation: number }
	| { kind: 'truncatedNormal'; deviation: number }
	| { kind: 'uniform'; bound: number }
	| { kind: 'kaimingNormal'; fan: 'in' | 'out' }

export interface Parameter {
	name: string
	dims: readonly number[]
	role: ParameterRole
	initialisation: Initialisation
}

/** A place in the network whose activations [N, channels, height, width] can be shown as a map or compared with a teacher's. */
export interface Layer {
	/** Stable name in packs and recipes, e.g. final_expand. */
	name: string
	/** The tensor of the graph. */
	output: string
	channels: number
	height: number
	width: number
}

/**
 * A classifier as architecture without values. In `graph` every parameter is an input of its own name, so that the same graph runs with
 * weights as inputs (training) or, with the values as initialisers, with constant weights (inference, packs). The image is the input
 * `input` [batch, 3, inputSize, inputSize]; the outputs are `logits` [batch, classes], `features` [batch, n] (what the last linear layer
 * reads) and the layers. The first dimension is written as free; no node fixes it. Operator set 20.
 * Normalisation stands as BatchNormalization or LayerNormalization nodes in inference form, dropout as Dropout nodes.
 */
export interface Network {
	/** Name in the zoo or id of the pack, e.g. ofa-595. */
	name: string
	title: string
	classes: number
	inputSize: number
	graph: Graph
	/** In the order of the reference implementation; names are those of its state dict where it has one. */
	parameters: Parameter[]
	/** Weight and bias of the last linear layer. */
	head: { weight: string; bias: string }
	/** First the usual layer for Score-CAM. */
	camLayers: Layer[]
	/** Ends of the stages, for feature losses; may repeat camLayers. */
	hintLayers: Layer[]
}

/** The standard operator set that every graph of this program is written for. */
export const OPERATOR_SET = 20
