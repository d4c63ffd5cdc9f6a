/** What is known of a tensor in a graph whose sizes are fixed. */
export interface TensorFacts {
	/** A value of DATA_TYPE. */
	dataType: number
	dims: readonly number[]
	/** The values where they follow from constants alone and are few: shapes, axes, scalars. */
	values: readonly number[] | null
}
