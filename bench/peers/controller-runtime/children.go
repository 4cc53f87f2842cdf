package main

import (
	"fmt"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/intstr"
	appsv1ac "k8s.io/client-go/applyconfigurations/apps/v1"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"
	metav1ac "k8s.io/client-go/applyconfigurations/meta/v1"
	networkingv1ac "k8s.io/client-go/applyconfigurations/networking/v1"

	appsv1 "k8s.io/api/apps/v1"
)

const (
	managedByLabel = "app.kubernetes.io/managed-by"
	managedBy      = "s3proxy-operator"

	httpPort       = 5000
	managementPort = 9090

	htpasswdDirectory = "/etc/s3proxy/auth"
	htpasswdKey       = "htpasswd"
)

func basicAuthSecretName(p *S3Proxy) string { return p.Name + "-basic-auth" }
func htpasswdSecretName(p *S3Proxy) string  { return p.Name + "-htpasswd" }
func caSecretName(p *S3Proxy) string        { return p.Name + "-ca" }
func tlsSecretName(p *S3Proxy) string       { return p.Name + "-tls" }

func selectorLabels(p *S3Proxy) map[string]string {
	return map[string]string{"app.kubernetes.io/name": "s3proxy", "app.kubernetes.io/instance": p.Name}
}

func childLabels(p *S3Proxy, component string) map[string]string {
	labels := selectorLabels(p)
	labels["app.kubernetes.io/component"] = component
	labels[managedByLabel] = managedBy
	labels["app.kubernetes.io/part-of"] = "s3proxy"
	return labels
}

func ownerReference(p *S3Proxy) *metav1ac.OwnerReferenceApplyConfiguration {
	return metav1ac.OwnerReference().
		WithAPIVersion(groupVersion.String()).
		WithKind("S3Proxy").
		WithName(p.Name).
		WithUID(p.UID).
		WithController(true).
		WithBlockOwnerDeletion(true)
}

func secret(p *S3Proxy, name, component string, kind corev1.SecretType, data map[string][]byte) *corev1ac.SecretApplyConfiguration {
	return corev1ac.Secret(name, p.Namespace).
		WithLabels(childLabels(p, component)).
		WithOwnerReferences(ownerReference(p)).
		WithType(kind).
		WithData(data)
}

func serviceAccount(p *S3Proxy) *corev1ac.ServiceAccountApplyConfiguration {
	return corev1ac.ServiceAccount(p.Name, p.Namespace).
		WithLabels(childLabels(p, "proxy")).
		WithOwnerReferences(ownerReference(p)).
		WithAutomountServiceAccountToken(false)
}

func service(p *S3Proxy) *corev1ac.ServiceApplyConfiguration {
	return corev1ac.Service(p.Name, p.Namespace).
		WithLabels(childLabels(p, "proxy")).
		WithOwnerReferences(ownerReference(p)).
		WithSpec(corev1ac.ServiceSpec().
			WithType(corev1.ServiceTypeClusterIP).
			WithSelector(selectorLabels(p)).
			WithPorts(corev1ac.ServicePort().
				WithName("http").
				WithPort(80).
				WithProtocol(corev1.ProtocolTCP).
				WithAppProtocol("http").
				WithTargetPort(intstr.FromString("http"))))
}

func ingress(p *S3Proxy) *networkingv1ac.IngressApplyConfiguration {
	return networkingv1ac.Ingress(p.Name, p.Namespace).
		WithLabels(childLabels(p, "proxy")).
		WithAnnotations(map[string]string{
			"nginx.ingress.kubernetes.io/proxy-buffering": "off",
			"nginx.org/proxy-buffering":                   "False",
			"alb.ingress.kubernetes.io/healthcheck-path":  "/health",
			"alb.ingress.kubernetes.io/target-type":       "ip",
		}).
		WithOwnerReferences(ownerReference(p)).
		WithSpec(networkingv1ac.IngressSpec().
			WithTLS(networkingv1ac.IngressTLS().WithHosts(p.Spec.Ingress.Host).WithSecretName(tlsSecretName(p))).
			WithRules(networkingv1ac.IngressRule().
				WithHost(p.Spec.Ingress.Host).
				WithHTTP(networkingv1ac.HTTPIngressRuleValue().
					WithPaths(networkingv1ac.HTTPIngressPath().
						WithPath(p.Spec.Ingress.Path).
						WithPathType(networkingv1.PathTypePrefix).
						WithBackend(networkingv1ac.IngressBackend().
							WithService(networkingv1ac.IngressServiceBackend().
								WithName(p.Name).
								WithPort(networkingv1ac.ServiceBackendPort().WithName("http"))))))))
}

func deployment(p *S3Proxy, image string) *appsv1ac.DeploymentApplyConfiguration {
	return appsv1ac.Deployment(p.Name, p.Namespace).
		WithLabels(childLabels(p, "proxy")).
		WithOwnerReferences(ownerReference(p)).
		WithSpec(appsv1ac.DeploymentSpec().
			WithReplicas(p.Spec.Replicas).
			WithSelector(metav1ac.LabelSelector().WithMatchLabels(selectorLabels(p))).
			WithStrategy(appsv1ac.DeploymentStrategy().
				WithType(appsv1.RollingUpdateDeploymentStrategyType).
				WithRollingUpdate(appsv1ac.RollingUpdateDeployment().
					WithMaxUnavailable(intstr.FromInt32(0)).
					WithMaxSurge(intstr.FromInt32(1)))).
			WithRevisionHistoryLimit(3).
			WithTemplate(corev1ac.PodTemplateSpec().
				WithLabels(childLabels(p, "proxy")).
				WithSpec(podSpec(p, image))))
}

func podSpec(p *S3Proxy, image string) *corev1ac.PodSpecApplyConfiguration {
	spread := func(key string) *corev1ac.TopologySpreadConstraintApplyConfiguration {
		return corev1ac.TopologySpreadConstraint().
			WithTopologyKey(key).
			WithMaxSkew(1).
			WithWhenUnsatisfiable(corev1.ScheduleAnyway).
			WithLabelSelector(metav1ac.LabelSelector().WithMatchLabels(selectorLabels(p))).
			WithMatchLabelKeys("pod-template-hash")
	}
	return corev1ac.PodSpec().
		WithServiceAccountName(p.Name).
		WithAutomountServiceAccountToken(false).
		WithEnableServiceLinks(false).
		WithTerminationGracePeriodSeconds(p.Spec.PodTemplate.TerminationGracePeriodSeconds).
		WithSecurityContext(corev1ac.PodSecurityContext().
			WithRunAsNonRoot(true).
			WithRunAsUser(65532).
			WithRunAsGroup(65532).
			WithSeccompProfile(corev1ac.SeccompProfile().WithType(corev1.SeccompProfileTypeRuntimeDefault))).
		WithTopologySpreadConstraints(spread("kubernetes.io/hostname"), spread("topology.kubernetes.io/zone")).
		WithContainers(container(p, image)).
		WithVolumes(corev1ac.Volume().
			WithName("auth").
			WithSecret(corev1ac.SecretVolumeSource().WithSecretName(htpasswdSecretName(p))))
}

func container(p *S3Proxy, image string) *corev1ac.ContainerApplyConfiguration {
	health := func() *corev1ac.ProbeApplyConfiguration {
		return corev1ac.Probe().WithHTTPGet(corev1ac.HTTPGetAction().WithPath("/health").WithPort(intstr.FromString("http")))
	}
	env := func(name, value string) *corev1ac.EnvVarApplyConfiguration {
		return corev1ac.EnvVar().WithName(name).WithValue(value)
	}
	return corev1ac.Container().
		WithName("proxy").
		WithImage(image).
		WithEnv(
			env("S3_BUCKET", p.Spec.Bucket.Name),
			env("AWS_REGION", p.Spec.Bucket.Region),
			env("AUTH_HTPASSWD_FILE", htpasswdDirectory+"/"+htpasswdKey),
			env("AUTH_REALM", p.Spec.Auth.Basic.Realm),
			env("SHUTDOWN_DELAY_SECONDS", "10"),
			env("SHUTDOWN_TIMEOUT_SECONDS", fmt.Sprint(p.Spec.PodTemplate.TerminationGracePeriodSeconds-15)),
			env("LOG_LEVEL", p.Spec.Logging.Level),
			env("ACCESS_LOG", strconv.FormatBool(p.Spec.Logging.Access)),
		).
		WithPorts(
			corev1ac.ContainerPort().WithName("http").WithContainerPort(httpPort).WithProtocol(corev1.ProtocolTCP),
			corev1ac.ContainerPort().WithName("management").WithContainerPort(managementPort).WithProtocol(corev1.ProtocolTCP),
		).
		WithResources(corev1ac.ResourceRequirements().
			WithRequests(corev1.ResourceList{
				corev1.ResourceCPU:    resource.MustParse("50m"),
				corev1.ResourceMemory: resource.MustParse("64Mi"),
			}).
			WithLimits(corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("256Mi")})).
		WithStartupProbe(health().WithPeriodSeconds(1).WithFailureThreshold(60)).
		WithReadinessProbe(corev1ac.Probe().
			WithHTTPGet(corev1ac.HTTPGetAction().WithPath("/ready").WithPort(intstr.FromString("management"))).
			WithPeriodSeconds(2).
			WithTimeoutSeconds(2).
			WithFailureThreshold(2)).
		WithLivenessProbe(health().WithPeriodSeconds(10).WithTimeoutSeconds(5).WithFailureThreshold(6)).
		WithTerminationMessagePolicy(corev1.TerminationMessageFallbackToLogsOnError).
		WithSecurityContext(corev1ac.SecurityContext().
			WithAllowPrivilegeEscalation(false).
			WithReadOnlyRootFilesystem(true).
			WithCapabilities(corev1ac.Capabilities().WithDrop("ALL"))).
		WithVolumeMounts(corev1ac.VolumeMount().WithName("auth").WithMountPath(htpasswdDirectory).WithReadOnly(true))
}
