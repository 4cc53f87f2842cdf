package main

import (
	"context"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
)

const fieldOwner = client.FieldOwner("s3proxy-operator")

type reconciler struct {
	client.Client
	recorder events.EventRecorder
	image    string
}

func (r *reconciler) setup(mgr ctrl.Manager, concurrency int) error {
	return ctrl.NewControllerManagedBy(mgr).
		For(&S3Proxy{}, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Owns(&appsv1.Deployment{}).
		Owns(&corev1.Service{}).
		Owns(&corev1.ServiceAccount{}).
		Owns(&corev1.Secret{}).
		Owns(&networkingv1.Ingress{}).
		WithOptions(controller.Options{MaxConcurrentReconciles: concurrency}).
		Complete(r)
}

// run is one reconciliation of one S3Proxy.
type run struct {
	*reconciler
	p *S3Proxy
	// What was written, for the events.
	created, updated []string
}

func (r *reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	p := &S3Proxy{}
	if err := r.Get(ctx, request.NamespacedName, p); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if !p.DeletionTimestamp.IsZero() {
		return ctrl.Result{}, nil
	}
	run := &run{reconciler: r, p: p}
	defer run.announce()
	return run.reconcile(ctx)
}

func (r *run) reconcile(ctx context.Context) (ctrl.Result, error) {
	p := r.p
	if err := r.reconcileAuth(ctx); err != nil {
		return ctrl.Result{}, err
	}
	server, err := r.reconcileTLS(ctx)
	if err != nil {
		return ctrl.Result{}, err
	}
	if err := r.apply(ctx, &corev1.Service{}, service(p)); err != nil {
		return ctrl.Result{}, err
	}
	if err := r.apply(ctx, &corev1.ServiceAccount{}, serviceAccount(p)); err != nil {
		return ctrl.Result{}, err
	}
	live := &appsv1.Deployment{}
	if err := r.apply(ctx, live, deployment(p, r.image)); err != nil {
		return ctrl.Result{}, err
	}
	if err := r.apply(ctx, &networkingv1.Ingress{}, ingress(p)); err != nil {
		return ctrl.Result{}, err
	}
	if err := r.writeStatus(ctx, live, server); err != nil {
		return ctrl.Result{}, err
	}
	life := server.certificate.NotAfter.Sub(server.certificate.NotBefore)
	return ctrl.Result{RequeueAfter: time.Until(server.certificate.NotBefore.Add(life * 2 / 3))}, nil
}

// announce tells what was written by one event for each kind of change.
func (r *run) announce() {
	if len(r.created) > 0 {
		r.recorder.Eventf(r.p, nil, corev1.EventTypeNormal, "Created", "CreateChildren", "Created %s.", strings.Join(r.created, ", "))
	}
	if len(r.updated) > 0 {
		r.recorder.Eventf(r.p, nil, corev1.EventTypeNormal, "Updated", "UpdateChildren", "Updated %s.", strings.Join(r.updated, ", "))
	}
}

func (r *run) reconcileAuth(ctx context.Context) error {
	p := r.p
	source, err := r.secret(ctx, basicAuthSecretName(p))
	if err != nil {
		return err
	}
	var password []byte
	if source != nil {
		password = source.Data[corev1.BasicAuthPasswordKey]
	}
	if len(password) == 0 {
		if password, err = generatePassword(); err != nil {
			return err
		}
	}
	user := p.Spec.Auth.Basic.Username
	data := map[string][]byte{corev1.BasicAuthUsernameKey: []byte(user), corev1.BasicAuthPasswordKey: password}
	if err := r.applySecret(ctx, source, basicAuthSecretName(p), "auth", corev1.SecretTypeBasicAuth, data); err != nil {
		return err
	}
	hashed, err := r.secret(ctx, htpasswdSecretName(p))
	if err != nil {
		return err
	}
	file, err := htpasswd(user, password, hashed)
	if err != nil {
		return err
	}
	return r.applySecret(ctx, hashed, htpasswdSecretName(p), "auth", corev1.SecretTypeOpaque, map[string][]byte{htpasswdKey: file})
}

func (r *run) reconcileTLS(ctx context.Context) (*keyPair, error) {
	p := r.p
	now := time.Now()
	liveCA, err := r.secret(ctx, caSecretName(p))
	if err != nil {
		return nil, err
	}
	authority, err := certificateAuthority(p, liveCA, now)
	if err != nil {
		return nil, err
	}
	data := map[string][]byte{corev1.TLSCertKey: authority.certificatePEM, corev1.TLSPrivateKeyKey: authority.keyPEM}
	if err := r.applySecret(ctx, liveCA, caSecretName(p), "tls", corev1.SecretTypeTLS, data); err != nil {
		return nil, err
	}
	live, err := r.secret(ctx, tlsSecretName(p))
	if err != nil {
		return nil, err
	}
	server, err := serverCertificate(p, authority, live, now)
	if err != nil {
		return nil, err
	}
	data = map[string][]byte{
		corev1.TLSCertKey:              server.certificatePEM,
		corev1.TLSPrivateKeyKey:        server.keyPEM,
		corev1.ServiceAccountRootCAKey: authority.certificatePEM,
	}
	return server, r.applySecret(ctx, live, tlsSecretName(p), "tls", corev1.SecretTypeTLS, data)
}

// secret gets one from the cache; nil when there is none.
func (r *run) secret(ctx context.Context, name string) (*corev1.Secret, error) {
	p := r.p
	live := &corev1.Secret{}
	err := r.Get(ctx, client.ObjectKey{Namespace: p.Namespace, Name: name}, live)
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	return live, err
}

func (r *run) applySecret(ctx context.Context, live *corev1.Secret, name, component string, kind corev1.SecretType, data map[string][]byte) error {
	p := r.p
	desired := secret(p, name, component, kind, data)
	if live != nil && upToDate(desired, live) {
		return nil
	}
	return r.write(ctx, "Secret", name, live == nil, desired)
}

// apply applies a child of the S3Proxy's own name unless the cached one, which it leaves in live, is as desired.
func (r *run) apply(ctx context.Context, live client.Object, desired runtime.ApplyConfiguration) error {
	p := r.p
	err := r.Get(ctx, client.ObjectKeyFromObject(p), live)
	if client.IgnoreNotFound(err) != nil {
		return err
	}
	found := err == nil
	if found && upToDate(desired, live) {
		return nil
	}
	gvk, err := r.GroupVersionKindFor(live)
	if err != nil {
		return err
	}
	if err := r.write(ctx, gvk.Kind, p.Name, !found, desired); err != nil {
		return err
	}
	if found {
		// What was just written has not been acted on yet.
		live.SetGeneration(live.GetGeneration() + 1)
	}
	return nil
}

func (r *run) write(ctx context.Context, kind, name string, created bool, desired runtime.ApplyConfiguration) error {
	if err := r.Apply(ctx, desired, fieldOwner, client.ForceOwnership); err != nil {
		return err
	}
	if created {
		r.created = append(r.created, kind+" "+name)
	} else {
		r.updated = append(r.updated, kind+" "+name)
	}
	return nil
}

// upToDate tells whether every field of desired is in live. What only others set, and defaults, do not count.
func upToDate(desired runtime.ApplyConfiguration, live client.Object) bool {
	want, err := runtime.DefaultUnstructuredConverter.ToUnstructured(desired)
	if err != nil {
		return false
	}
	have, err := runtime.DefaultUnstructuredConverter.ToUnstructured(live)
	if err != nil {
		return false
	}
	// Objects from the cache may not say what they are.
	delete(want, "apiVersion")
	delete(want, "kind")
	return contains(have, want)
}

func contains(have, want any) bool {
	switch want := want.(type) {
	case map[string]any:
		have, ok := have.(map[string]any)
		if !ok {
			return false
		}
		for name, value := range want {
			if !contains(have[name], value) {
				return false
			}
		}
		return true
	case []any:
		have, ok := have.([]any)
		if !ok || len(have) != len(want) {
			return false
		}
		for i := range want {
			if !contains(have[i], want[i]) {
				return false
			}
		}
		return true
	default:
		return have == want
	}
}

// writeStatus writes it unless it says the same already.
func (r *run) writeStatus(ctx context.Context, live *appsv1.Deployment, server *keyPair) error {
	p := r.p
	before := p.DeepCopy()
	notAfter := metav1.NewTime(server.certificate.NotAfter)
	wasReady := summarize(p, live, &notAfter)
	if equality.Semantic.DeepEqual(before.Status, p.Status) {
		return nil
	}
	if err := r.Status().Patch(ctx, p, client.MergeFrom(before), fieldOwner); err != nil {
		return err
	}
	if ready := isReady(p); ready && !wasReady {
		r.recorder.Eventf(p, nil, corev1.EventTypeNormal, "Available", "Reconcile", "The bucket is published.")
	}
	return nil
}
