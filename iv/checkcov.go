package iv

import (
	"fmt"

	"github.com/fieldexp/fieldexp"
)

// checkCovariance refuses covariances that contradict the rest of the spec.
func (s *Spec) checkCovariance() error {
	bad := func(message string, columns []string, remedy ...fieldexp.Hint) error {
		return &fieldexp.Error{Op: "iv", Problem: fieldexp.BadSpec, Columns: columns, Message: message, Remedy: remedy}
	}
	c := s.Covariance
	switch {
	case c.Kind < Default || c.Kind > Jackknife:
		return bad(c.Kind.String()+" is not a covariance", nil,
			"use {Default}, {Classical}, {HC0} to {HC3}, {CR0} to {CR3} or {Jackknife}")
	case c.Kind.Clustered() && len(s.Cluster) == 0:
		return bad(c.Kind.String()+" standard errors without a cluster", nil, "name the level of assignment in {Cluster}")
	case c.Kind != Default && !c.Kind.Clustered() && len(s.Cluster) > 0:
		return bad(fmt.Sprintf("%s standard errors with clusters %s", c.Kind, quoted(s.Cluster)), s.Cluster,
			"leave {Cluster} out", "use CR0 to CR3")
	case c.DF == DFSatterthwaite && len(s.Cluster) != 1:
		return bad(fmt.Sprintf("Satterthwaite degrees of freedom with %d clusterings", len(s.Cluster)),
			s.Cluster, "name one column in {Cluster} (one that numbers the rows makes each row a cluster)")
	}
	return nil
}
