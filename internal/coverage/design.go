package coverage

import (
	"fmt"
	"hash/fnv"
	"math"
	"strings"
)

// Sizes says how many rows the clusters have.
type Sizes int

const (
	// Equal clusters have 4 rows each.
	Equal Sizes = iota
	// Unequal clusters have 1 to 20 rows, growing exponentially: 60% as many equal ones are as unequal.
	Unequal
	// Dominated designs have one cluster with as many rows as all the others, of 4 rows, together.
	Dominated
)

// String names the sizes as tables print them.
func (s Sizes) String() string {
	switch s {
	case Equal:
		return "equal"
	case Unequal:
		return "unequal"
	case Dominated:
		return "one has half"
	}
	return fmt.Sprintf("Sizes(%d)", int(s))
}

// rows lists the rows of each of n clusters.
func (s Sizes) rows(n int) []int {
	const each, largest = 4, 20
	list := make([]int, n)
	for g := range list {
		list[g] = each
		if s == Unequal {
			list[g] = int(math.Round(math.Pow(largest, float64(g)/float64(n-1))))
		}
	}
	if s == Dominated {
		list[n-1] = each * (n - 1)
	}
	return list
}

// Design is a cell of the study: a population in which assignment has no effect on average.
type Design struct {
	Clusters, Treated int // of the clusters as many as Treated are assigned, at random
	Sizes             Sizes
	// Varying effects differ from cluster to cluster around an average of zero, with a standard
	// deviation of one, that of a row's error. They make the errors of treated clusters larger.
	Varying bool
	// F is the population first-stage F, the squared ratio of the first stage to its true standard
	// error (the concentration parameter). Zero stands for a study of assignment without usage.
	F float64
}

// Instrumental reports whether the design has usage.
func (d Design) Instrumental() bool { return d.F > 0 }

// String describes the design; no two of a study have the same description.
func (d Design) String() string {
	parts := []string{fmt.Sprintf("%d clusters, %d treated", d.Clusters, d.Treated), d.Sizes.String() + " sizes"}
	if d.Sizes == Dominated {
		parts[1] = "one has half of the rows"
	}
	if d.Instrumental() {
		parts = append(parts, fmt.Sprintf("F = %g", d.F))
	}
	if d.Varying {
		parts = append(parts, "varying effects")
	}
	return strings.Join(parts, ", ")
}

// key tells the random streams of designs apart, wherever they stand in a list.
func (d Design) key() uint64 {
	h := fnv.New64a()
	h.Write([]byte(d.String()))
	return h.Sum64()
}

// Designs lists the cells of the study: assignment first, then usage.
func Designs() []Design {
	var list []Design
	for _, g := range []int{6, 10, 20, 30, 50} {
		list = append(list, Design{Clusters: g, Treated: g / 2}, Design{Clusters: g, Treated: g / 2, Sizes: Unequal})
	}
	for _, g := range []int{20, 50} {
		list = append(list, Design{Clusters: g, Treated: g / 2, Sizes: Dominated})
	}
	for _, g := range []int{10, 20, 50} {
		list = append(list, Design{Clusters: g, Treated: g / 2, Varying: true})
	}
	list = append(list, Design{Clusters: 20, Treated: 10, Sizes: Unequal, Varying: true},
		Design{Clusters: 50, Treated: 25, Sizes: Unequal, Varying: true})
	for _, g := range []int{10, 20} {
		for treated := 1; treated <= 3; treated++ {
			list = append(list, Design{Clusters: g, Treated: treated}, Design{Clusters: g, Treated: treated, Varying: true})
		}
	}
	for _, treated := range []int{3, 5, 10, 15} {
		list = append(list, Design{Clusters: 50, Treated: treated}, Design{Clusters: 50, Treated: treated, Varying: true})
	}
	for _, g := range []int{20, 50} {
		for _, f := range []float64{1, 5, 20} {
			list = append(list, Design{Clusters: g, Treated: g / 2, F: f}, Design{Clusters: g, Treated: g / 2, F: f, Varying: true})
		}
	}
	for _, g := range []int{6, 10} {
		list = append(list, Design{Clusters: g, Treated: g / 2, F: 20})
	}
	return append(list,
		Design{Clusters: 20, Treated: 10, Sizes: Unequal, F: 20},
		Design{Clusters: 50, Treated: 25, Sizes: Unequal, F: 20},
		Design{Clusters: 20, Treated: 3, F: 20},
		Design{Clusters: 20, Treated: 3, F: 20, Varying: true})
}
