/** A line of a LineChart. */
export interface Line {
	/** Under which LineData has its values. */
	name: string
	title: string
	/** A line of another unit (the learning rate) has the scale on the right. */
	scale?: 'right'
	/** Few values (one for each validation), each drawn as a mark. */
	marks?: boolean
}
