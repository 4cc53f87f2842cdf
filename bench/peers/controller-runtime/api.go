package main

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/scheme"
)

var (
	groupVersion  = schema.GroupVersion{Group: "s3proxy.dev", Version: "v1alpha1"}
	schemeBuilder = &scheme.Builder{GroupVersion: groupVersion}
)

func init() {
	schemeBuilder.Register(&S3Proxy{}, &S3ProxyList{})
}

// S3Proxy is the part of the API that the benchmark uses; the API server has filled in the defaults.
type S3Proxy struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec   S3ProxySpec   `json:"spec,omitempty"`
	Status S3ProxyStatus `json:"status,omitempty"`
}

type S3ProxySpec struct {
	Bucket struct {
		Name   string `json:"name"`
		Region string `json:"region"`
	} `json:"bucket"`
	Ingress struct {
		Host string `json:"host,omitempty"`
		Path string `json:"path,omitempty"`
	} `json:"ingress,omitempty"`
	Auth struct {
		Basic struct {
			Username string `json:"username,omitempty"`
			Realm    string `json:"realm,omitempty"`
		} `json:"basic,omitempty"`
	} `json:"auth,omitempty"`
	Replicas int32 `json:"replicas"`
	Logging  struct {
		Level  string `json:"level,omitempty"`
		Access bool   `json:"access"`
	} `json:"logging,omitempty"`
	PodTemplate struct {
		TerminationGracePeriodSeconds int64 `json:"terminationGracePeriodSeconds,omitempty"`
	} `json:"podTemplate,omitempty"`
}

type S3ProxyStatus struct {
	ObservedGeneration int64              `json:"observedGeneration,omitempty"`
	Conditions         []metav1.Condition `json:"conditions,omitempty"`
	URL                string             `json:"url,omitempty"`
	Replicas           int32              `json:"replicas"`
	ReadyReplicas      int32              `json:"readyReplicas"`
	Selector           string             `json:"selector,omitempty"`
	AuthSecretName     string             `json:"authSecretName,omitempty"`
	TLSSecretName      string             `json:"tlsSecretName,omitempty"`
	TLSNotAfter        *metav1.Time       `json:"tlsNotAfter,omitempty"`
}

type S3ProxyList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []S3Proxy `json:"items"`
}

func (in *S3Proxy) DeepCopyInto(out *S3Proxy) {
	*out = *in
	in.ObjectMeta.DeepCopyInto(&out.ObjectMeta)
	out.Status.Conditions = nil
	if in.Status.Conditions != nil {
		out.Status.Conditions = make([]metav1.Condition, len(in.Status.Conditions))
		for i := range in.Status.Conditions {
			in.Status.Conditions[i].DeepCopyInto(&out.Status.Conditions[i])
		}
	}
	if in.Status.TLSNotAfter != nil {
		out.Status.TLSNotAfter = in.Status.TLSNotAfter.DeepCopy()
	}
}

func (in *S3Proxy) DeepCopy() *S3Proxy {
	out := new(S3Proxy)
	in.DeepCopyInto(out)
	return out
}

func (in *S3Proxy) DeepCopyObject() runtime.Object { return in.DeepCopy() }

func (in *S3ProxyList) DeepCopyObject() runtime.Object {
	out := &S3ProxyList{TypeMeta: in.TypeMeta, ListMeta: *in.ListMeta.DeepCopy()}
	out.Items = make([]S3Proxy, len(in.Items))
	for i := range in.Items {
		in.Items[i].DeepCopyInto(&out.Items[i])
	}
	return out
}
