package parallel

import "context"

// Count counts how often each of the codes 0 to groups-1 occurs. Negative codes are passed over.
func Count(codes []int32, groups int) []int {
	pieces := Pieces(len(codes), groups)
	parts := make([][]int, pieces)
	// The context is never cancelled, so there is no error.
	_ = For(context.Background(), pieces, func(p int) {
		count := make([]int, groups)
		for _, c := range codes[p*len(codes)/pieces : (p+1)*len(codes)/pieces] {
			if c >= 0 {
				count[c]++
			}
		}
		parts[p] = count
	})
	total := parts[0]
	for _, count := range parts[1:] {
		for g, n := range count {
			total[g] += n
		}
	}
	return total
}
