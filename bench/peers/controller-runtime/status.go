package main

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	conditionReady           = "Ready"
	conditionReconciling     = "Reconciling"
	conditionBucketReachable = "BucketReachable"
)

func isReady(p *S3Proxy) bool {
	return meta.IsStatusConditionTrue(p.Status.Conditions, conditionReady)
}

// summarize sets the status by what was found, and tells whether the S3Proxy was ready before.
func summarize(p *S3Proxy, live *appsv1.Deployment, notAfter *metav1.Time) bool {
	wasReady := isReady(p)
	status := &p.Status
	status.ObservedGeneration = p.Generation
	status.URL = "https://" + p.Spec.Ingress.Host + p.Spec.Ingress.Path
	status.Selector = "app.kubernetes.io/name=s3proxy,app.kubernetes.io/instance=" + p.Name
	status.Replicas = live.Status.Replicas
	status.ReadyReplicas = live.Status.ReadyReplicas
	status.AuthSecretName = basicAuthSecretName(p)
	status.TLSSecretName = tlsSecretName(p)
	status.TLSNotAfter = notAfter

	set := func(kind string, value metav1.ConditionStatus, reason, message string) {
		meta.SetStatusCondition(&status.Conditions, metav1.Condition{
			Type: kind, Status: value, Reason: reason, Message: message, ObservedGeneration: p.Generation,
		})
	}
	if message := progress(live); message != "" {
		set(conditionReady, metav1.ConditionFalse, "Progressing", message)
		set(conditionReconciling, metav1.ConditionTrue, "Progressing", message)
	} else {
		set(conditionReady, metav1.ConditionTrue, "Available", "The bucket is published.")
		meta.RemoveStatusCondition(&status.Conditions, conditionReconciling)
	}
	set(conditionBucketReachable, metav1.ConditionUnknown, "NotReported", "No proxy pod has told the operator yet whether it reaches the bucket.")
	return wasReady
}

// progress says what a rollout waits for, as kubectl rollout status does; empty when it is complete.
func progress(live *appsv1.Deployment) string {
	wanted := int32(1)
	if live.Spec.Replicas != nil {
		wanted = *live.Spec.Replicas
	}
	status := live.Status
	switch {
	case live.UID == "" || status.ObservedGeneration < live.Generation:
		return "The Deployment controller has not seen the newest Deployment yet."
	case status.UpdatedReplicas < wanted:
		return fmt.Sprintf("%d of %d proxy pods are created from the newest template.", status.UpdatedReplicas, wanted)
	case status.AvailableReplicas < wanted:
		return fmt.Sprintf("%d of %d proxy pods are available.", status.AvailableReplicas, wanted)
	case status.Replicas > status.UpdatedReplicas:
		return "Proxy pods of an older template are still stopping."
	}
	return ""
}
