package moments

// Grams holds the cross-products S_g = W_g'W_g of the first K columns with the first Width columns
// for every group. Those among columns beyond the first K are not kept.
type Grams struct {
	K, Width int
	data     []float64 // size numbers a group: row i of the upper triangle has columns i to Width-1
}

// newGrams makes room for a number of groups.
func newGrams(groups, k, width int) *Grams {
	s := &Grams{K: k, Width: width}
	s.data = make([]float64, groups*s.size())
	return s
}

// size counts the numbers that a group takes.
func (s *Grams) size() int { return triangle(s.K, s.Width) }

// triangle counts the products of the first k columns with the first width, each once.
func triangle(k, width int) int { return k*width - k*(k-1)/2 }

// group is the packed triangle of group g.
func (s *Grams) group(g int) []float64 { return s.data[g*s.size() : (g+1)*s.size()] }

// Len is the number of groups.
func (s *Grams) Len() int {
	if s.size() == 0 {
		return 0
	}
	return len(s.data) / s.size()
}

// place is where the product of columns i and j is in a group; one of them is among the first K.
func (s *Grams) place(i, j int) int {
	i, j = min(i, j), max(i, j)
	return i*s.Width - i*(i-1)/2 + j - i
}

// Leading is the cross-products of the first K columns alone; nil when there are none.
func (s *Grams) Leading() *Grams {
	if s == nil || s.Width == s.K {
		return s
	}
	lead := newGrams(s.Len(), s.K, s.K)
	for g := range s.Len() {
		from, into := s.group(g), lead.group(g)
		for i := range s.K {
			into = into[copy(into, from[:s.K-i]):]
			from = from[s.Width-i:]
		}
	}
	return lead
}

// Quadratic is a'S_g b, with a and b on the first K columns.
func (s *Grams) Quadratic(g int, a, b []float64) float64 {
	packed := s.group(g)
	sum, at := 0.0, 0
	for i := range s.K {
		sum += packed[at] * a[i] * b[i]
		for j := i + 1; j < s.K; j++ {
			sum += packed[at+j-i] * (a[i]*b[j] + a[j]*b[i])
		}
		at += s.Width - i
	}
	return sum
}

// times writes the products of the first K columns of group g with the sum of b times all columns,
// where b is zero beyond the first K but for column y.
func (s *Grams) times(g, y int, b, products []float64) {
	clear(products)
	packed := s.group(g)
	for i := range s.K {
		row := packed[:s.Width-i]
		packed = packed[s.Width-i:]
		sum, own := row[0]*b[i], b[i]
		if y >= s.K {
			sum += row[y-i] * b[y]
		}
		below, rest := products[i+1:], b[i+1:s.K]
		for j, v := range row[1 : s.K-i] {
			sum += v * rest[j]
			below[j] += v * own
		}
		products[i] += sum
	}
}

// Block writes the cross-products of the listed columns, which are among the first K, of group g
// into a full square matrix, row after row.
func (s *Grams) Block(g int, columns []int, into []float64) {
	packed := s.group(g)
	n := len(columns)
	for i, c := range columns {
		for j, d := range columns {
			into[i*n+j] = packed[s.place(c, d)]
		}
	}
}

// GroupProducts computes the cross-products of the first k columns by groups that need not be
// consecutive: group g has rows order[starts[g]:starts[g+1]].
func GroupProducts(m Matrix, order []int32, starts []int, k int) *Grams {
	s := newGrams(len(starts)-1, k, k)
	for g := range len(starts) - 1 {
		packed := s.group(g)
		for _, i := range order[starts[g]:starts[g+1]] {
			row, at := m.Row(int(i))[:k], 0
			for a, v := range row {
				for _, w := range row[a:] {
					packed[at] += v * w
					at++
				}
			}
		}
	}
	return s
}
