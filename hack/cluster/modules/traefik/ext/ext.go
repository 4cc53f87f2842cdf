// Package ext stands in for Traefik's own extension package: Traefik replaces it by a folder of its repository,
// and a replace directive only counts in the main module, which is ours here.
package ext

// HTTP extends Traefik's dynamic HTTP configuration. Open-source Traefik adds no field.
type HTTP struct{}

// Router extends Traefik's dynamic router configuration. Open-source Traefik adds no field.
type Router struct{}
