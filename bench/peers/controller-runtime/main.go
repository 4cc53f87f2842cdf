// An operator for S3Proxies as it would be written with controller-runtime, for the benchmark: it makes what this project's operator
// makes of the smallest S3Proxy, and keeps it so.
package main

import (
	"flag"
	"os"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"go.uber.org/zap/zapcore"
)

func main() {
	concurrency := flag.Int("concurrency", 16, "S3Proxies reconciled at a time")
	image := flag.String("image", "", "image of the proxy")
	probes := flag.String("health-probe-bind-address", ":8081", "where /healthz and /readyz are served")
	metrics := flag.String("metrics-bind-address", ":8080", "where /metrics is served")
	flag.Parse()
	ctrl.SetLogger(zap.New(zap.Level(zapcore.ErrorLevel)))
	log := ctrl.Log.WithName("setup")

	scheme := runtime.NewScheme()
	utilruntime.Must(clientgoscheme.AddToScheme(scheme))
	utilruntime.Must(schemeBuilder.AddToScheme(scheme))

	// controller-runtime leaves the client without a rate limit: priority and fairness is the server's.
	mgr, err := ctrl.NewManager(ctrl.GetConfigOrDie(), ctrl.Options{
		Scheme:                 scheme,
		HealthProbeBindAddress: *probes,
		Metrics:                metricsserver.Options{BindAddress: *metrics},
		Cache: cache.Options{
			DefaultTransform: cache.TransformStripManagedFields(),
			// Of others' Secrets, none is kept.
			ByObject: map[client.Object]cache.ByObject{
				&corev1.Secret{}: {Label: labels.SelectorFromSet(labels.Set{managedByLabel: managedBy})},
			},
		},
	})
	if err != nil {
		log.Error(err, "the manager cannot be made")
		os.Exit(1)
	}
	r := &reconciler{Client: mgr.GetClient(), recorder: mgr.GetEventRecorder("s3proxy.dev/operator"), image: *image}
	if err := r.setup(mgr, *concurrency); err != nil {
		log.Error(err, "the controller cannot be made")
		os.Exit(1)
	}
	utilruntime.Must(mgr.AddHealthzCheck("ping", healthz.Ping))
	utilruntime.Must(mgr.AddReadyzCheck("ping", healthz.Ping))
	if err := mgr.Start(ctrl.SetupSignalHandler()); err != nil {
		log.Error(err, "the manager ended")
		os.Exit(1)
	}
}
