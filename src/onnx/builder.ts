import type { Graph, Model, Tensor } from './model.ts'

/** What is known of a tensor in a graph whose sizes are fixed. */
export interface TensorFacts {
	/** A value of DATA_TYPE. */
	dataType: number
	dims: readonly number[]
	/** The values where they follow from constants alone and are few: shapes, axes, scalars. */
	values: readonly number[] | null
}

/** Attribute values by name; which numbers are written as floats follows from the attribute's name. */
export type Attributes = Record<string, number | readonly number[] | string | Tensor>

/**
 * A graph under construction in which the type and the sizes of every tensor are known at any moment: each added node is inferred at once.
 * Every name given back is the name of a tensor of the graph. All methods throw an Error that names the node where it cannot be.
 */
export interface GraphBuilder {
	/** An input of the graph; float32 unless said. */
	input(name: string, dims: readonly number[], dataType?: number): string
	/** A constant with a name of its own, e.g. a weight. */
	initializer(tensor: Tensor): string
	/** A float32 constant; equal ones are made once. A scalar where dims is empty. */
	floats(values: readonly number[], dims: readonly number[]): string
	scalar(value: number): string
	/** An int64 list: shapes, axes, indices; equal ones are made once. */
	integers(values: readonly number[]): string
	/** Adds a node with one output. An empty input name is an absent optional input. `as` names the output; otherwise it is made up from the operator. */
	node(opType: string, inputs: readonly string[], attributes?: Attributes, as?: string): string
	/** Adds a node with several outputs, an empty name for one that is not wanted. */
	nodes(opType: string, inputs: readonly string[], attributes: Attributes, outputs: number | readonly string[], domain?: string): string[]
	/** Adds the nodes and constants of a graph; `bind` says which tensor stands for each of its inputs. Its other names stay as they are. */
	include(graph: Graph, bind: ReadonlyMap<string, string>): void
	/** A name that nothing has yet. */
	unique(hint: string): string
	facts(name: string): TensorFacts
	dims(name: string): readonly number[]
	/** Makes a tensor an output of the graph. */
	output(name: string): void
	/** The nodes so far, in an order in which they can run. */
	readonly graph: Graph
	/** freeBatch: the first dimension of the image and of every output is written as free. */
	model(options?: { freeBatch?: boolean }): Model
}
