/**
 * What is held to be a frontal chest film with both lungs complete. The limits were chosen on masks drawn by hand, of the training and validation films of
 * cxr_loc (307 of V7's annotation, 76 of IEEE's; stretched to 256 x 256), which stand behind each: its value at 1 %, the median and 99 %, then the value
 * furthest out. They leave room beyond that, because a network's masks are rougher than a reader's and a diseased lung is partly hidden: a film is refused
 * where it is far from all of these, not where it is unusual. What that comes to with the shipped network's masks: docs/lungs.md.
 */
export const LUNG_LIMITS = {
	/** Smallest lung as a share of the film; 0.089, 0.171, 0.267; least 0.045. */
	leastArea: 0.03,
	/** Smaller lung's area over the larger one's; 0.65, 0.90, 1; least 0.57. */
	leastAreaRatio: 0.3,
	/** Smaller lung's height over the larger one's; 0.76, 0.95, 1; least 0.69. */
	leastHeightRatio: 0.45,
	/** A lung's height over its width, both as shares of the film's; 1.18, 1.79, 2.56; least 1.04. */
	leastTallness: 0.95,
	/** Distance of the lungs' centres across, as a share of the width of both; 0.46, 0.51, 0.56; 0.45 to 0.57. */
	leastApart: 0.3,
	mostApart: 0.7,
	/** Distance of the centres down, as a share of the height of both; 0, 0.03, 0.17; most 0.18. */
	mostAskew: 0.35,
	/** Rows that both lungs have, over the height of the shorter one; 0.89, 1, 1; least 0.87. */
	leastBeside: 0.6,
	/**
	 * Part of a lung's own width that lies on the film's upper or lower border; 0, 0, 0.22 above and 0.13 below; most 0.51 (two films of 383 beyond the limit).
	 * A lung that was cut through lies there with nearly all of its width.
	 */
	mostOnEnd: 0.45,
	/** Part of a lung's own height that lies on the film's left or right border; 0, 0, 0.64; most 0.85 (four films beyond the limit). Films that were cropped closely often touch. */
	mostOnSide: 0.6,
} as const
