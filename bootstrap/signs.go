package bootstrap

// Weights of two values are a number plus or minus another. The sum of vectors with random signs over
// clusters, for many draws, takes a fraction of a multiplication for each cluster and draw: of seven clusters
// there are 128 signed sums, which are tabulated, and a draw looks its own up.
const (
	signGroup  = 7             // clusters that a table is for
	signTables = 4             // tables that are looked up at once
	signStrip  = 8             // columns of a table, so that the tables stay in the processor's nearest cache
	signBatch  = 8 * drawBlock // draws that share the tables
)

// signTable holds the signed sums of a group of clusters, by the bits of their signs.
type signTable [1 << signGroup][signStrip]float64

// signSums is the memory in which one goroutine adds up.
type signSums struct {
	tables [signTables]signTable
	sums   [signBatch][signStrip]float64
}

// signCodes packs the signs of n draws: a row of draws for each group of clusters, with a bit for each of its
// clusters that is one where the weight is above middle. weights has a row of n draws for each cluster; the
// codes of draws from..from+n-1 of a batch are written.
func signCodes(codes []uint8, weights []float64, clusters int, middle float64, from, n int) {
	for group := range signGroups(clusters) {
		row := codes[group*signBatch+from : group*signBatch+from+n]
		clear(row)
		for bit := range min(signGroup, clusters-group*signGroup) {
			g := group*signGroup + bit
			for b, w := range weights[g*n : (g+1)*n] {
				if w > middle {
					row[b] |= 1 << bit
				}
			}
		}
	}
}

// signGroups is the number of groups, of which there are always as many as fill the tables.
func signGroups(clusters int) int {
	groups := (clusters + signGroup - 1) / signGroup
	return (groups + signTables - 1) / signTables * signTables
}

// add writes, for n draws, the sums over clusters of signs times rows of a matrix, each times a number of its
// cluster where by is not nil: a row for each draw.
func (s *signSums) add(rows, by []float64, clusters, width int, codes []uint8, n int, into []float64) {
	for strip := 0; strip < width; strip += signStrip {
		clear(s.sums[:n])
		for group := 0; group < signGroups(clusters); group += signTables {
			for t := range signTables {
				s.tables[t].fill(rows, by, clusters, width, (group+t)*signGroup, strip)
			}
			s.look(codes[group*signBatch:], n)
		}
		end := min(strip+signStrip, width)
		for b := range n {
			copy(into[b*width+strip:b*width+end], s.sums[b][:])
		}
	}
}

// look adds the entries of the four tables to the sums of n draws.
func (s *signSums) look(codes []uint8, n int) {
	const mask = 1<<signGroup - 1
	c0, c1, c2, c3 := codes[:n], codes[signBatch:signBatch+n], codes[2*signBatch:2*signBatch+n], codes[3*signBatch:3*signBatch+n]
	for b := range n {
		x0, x1, x2, x3 := &s.tables[0][c0[b]&mask], &s.tables[1][c1[b]&mask], &s.tables[2][c2[b]&mask], &s.tables[3][c3[b]&mask]
		sum := &s.sums[b]
		sum[0] += (x0[0] + x1[0]) + (x2[0] + x3[0])
		sum[1] += (x0[1] + x1[1]) + (x2[1] + x3[1])
		sum[2] += (x0[2] + x1[2]) + (x2[2] + x3[2])
		sum[3] += (x0[3] + x1[3]) + (x2[3] + x3[3])
		sum[4] += (x0[4] + x1[4]) + (x2[4] + x3[4])
		sum[5] += (x0[5] + x1[5]) + (x2[5] + x3[5])
		sum[6] += (x0[6] + x1[6]) + (x2[6] + x3[6])
		sum[7] += (x0[7] + x1[7]) + (x2[7] + x3[7])
	}
}

// fill tabulates a strip of the rows of the clusters from first on: each cluster doubles the entries. The sum
// of opposite signs is the exact opposite.
func (t *signTable) fill(rows, by []float64, clusters, width, first, strip int) {
	t[0] = [signStrip]float64{}
	for bit := range signGroup {
		var row [signStrip]float64
		if g := first + bit; g < clusters {
			copy(row[:], rows[g*width+strip:g*width+min(strip+signStrip, width)])
			if by != nil {
				for j := range row {
					row[j] *= by[g]
				}
			}
		}
		size := 1 << bit
		for code := range size {
			low, high := &t[code], &t[code+size]
			high[0], low[0] = low[0]+row[0], low[0]-row[0]
			high[1], low[1] = low[1]+row[1], low[1]-row[1]
			high[2], low[2] = low[2]+row[2], low[2]-row[2]
			high[3], low[3] = low[3]+row[3], low[3]-row[3]
			high[4], low[4] = low[4]+row[4], low[4]-row[4]
			high[5], low[5] = low[5]+row[5], low[5]-row[5]
			high[6], low[6] = low[6]+row[6], low[6]-row[6]
			high[7], low[7] = low[7]+row[7], low[7]-row[7]
		}
	}
}
