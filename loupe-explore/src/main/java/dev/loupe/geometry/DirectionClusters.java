package dev.loupe.geometry;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.loupe.analyze.NearestDirections;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.tensor.Indexing;
import dev.loupe.tensor.Products;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import nl.cwts.networkanalysis.Clustering;
import nl.cwts.networkanalysis.LeidenAlgorithm;
import nl.cwts.networkanalysis.Network;
import nl.cwts.util.LargeDoubleArray;
import nl.cwts.util.LargeIntArray;

/**
 * Groups of features of one dictionary whose decoder columns lie close together: communities
 * (Leiden algorithm, Traag and others 2019, for modularity) of the graph that joins each direction
 * with its nearest ones, weighted by the cosine. Edges below what chance gives are left out.
 *
 * @param neighbours of each direction in the graph
 * @param leastCosine of an edge: the 99 % quantile of maximum cosines of directions with the
 *     covariance of the dictionary's own
 * @param resolution of the modularity: more gives smaller clusters
 * @param edges of the graph
 * @param clustered features in a cluster
 * @param unclustered live features in none, or in one of fewer than {@value #LEAST}
 * @param clusters the largest first; of equals the one with the lowest feature
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record DirectionClusters(
    DictionaryName dictionary,
    int neighbours,
    double leastCosine,
    double resolution,
    int edges,
    int clustered,
    int unclustered,
    List<Cluster> clusters) {
  /** Members of the smallest cluster. */
  public static final int LEAST = 3;

  private static final int NEIGHBOURS = 10;
  private static final int ITERATIONS = 20;

  public DirectionClusters {
    clusters = List.copyOf(clusters);
  }

  /**
   * A cluster.
   *
   * @param meanCosine of its members with its centre, the mean of their directions
   * @param members the nearest to the centre first
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Cluster(int number, int size, double meanCosine, List<Member> members) {
    public Cluster {
      members = List.copyOf(members);
    }
  }

  /** A feature and its cosine with the centre of its cluster. */
  public record Member(@JsonUnwrapped FeatureLabel feature, double cosine) {}

  /**
   * Finds them.
   *
   * @param label of a live feature, by its place among the directions
   */
  static DirectionClusters of(
      Directions directions,
      double leastCosine,
      double resolution,
      long seed,
      IntFunction<FeatureLabel> label) {
    NearestDirections nearest =
        NearestDirections.of(directions.unit(), directions.unit(), NEIGHBOURS, true);
    Edges edges = Edges.of(nearest, leastCosine);
    int[] communities = edges.size() == 0 ? new int[0] : edges.communities(resolution, seed);
    List<int[]> groups = groups(communities);
    List<Cluster> clusters = new ArrayList<>();
    for (int[] members : groups) {
      clusters.add(cluster(clusters.size(), directions, members, label));
    }
    int clustered = groups.stream().mapToInt(members -> members.length).sum();
    return new DirectionClusters(
        directions.name(),
        nearest.each(),
        Distribution.rounded(leastCosine),
        resolution,
        edges.size(),
        clustered,
        directions.size() - clustered,
        clusters);
  }

  /** Members of each community that is large enough. */
  private static List<int[]> groups(int[] communities) {
    int n = Arrays.stream(communities).max().orElse(-1) + 1;
    int[] sizes = new int[n];
    for (int community : communities) {
      sizes[community]++;
    }
    int[][] members = new int[n][];
    Arrays.setAll(members, c -> new int[sizes[c]]);
    int[] next = new int[n];
    for (int row = 0; row < communities.length; row++) {
      members[communities[row]][next[communities[row]]++] = row;
    }
    return Arrays.stream(members)
        .filter(group -> group.length >= LEAST)
        .sorted(
            Comparator.comparingInt((int[] group) -> -group.length)
                .thenComparingInt(group -> group[0]))
        .toList();
  }

  private static Cluster cluster(
      int number, Directions directions, int[] rows, IntFunction<FeatureLabel> label) {
    float[] cosines;
    try (TensorScope _ = TensorScope.open()) {
      Tensor members = Indexing.rows(directions.unit(), Tensors.of(rows, rows.length));
      Tensor centre = NearestDirections.normalised(Reductions.mean(members, 0));
      cosines = Products.linear(members, centre).floats();
    }
    double sum = 0;
    for (float cosine : cosines) {
      sum += cosine;
    }
    List<Member> members =
        IntStream.range(0, rows.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -cosines[i]))
            .map(i -> new Member(label.apply(rows[i]), Distribution.rounded(cosines[i])))
            .toList();
    return new Cluster(number, rows.length, Distribution.rounded(sum / rows.length), members);
  }

  /**
   * The edges of the graph, each once.
   *
   * @param nodes of the graph, those without an edge included
   */
  private record Edges(int nodes, LargeIntArray from, LargeIntArray to, LargeDoubleArray weights) {
    static Edges of(NearestDirections nearest, double leastCosine) {
      Edges edges =
          new Edges(
              nearest.rows(), new LargeIntArray(0), new LargeIntArray(0), new LargeDoubleArray(0));
      for (int row = 0; row < nearest.rows(); row++) {
        for (int rank = 0; rank < nearest.each(); rank++) {
          int other = nearest.neighbour(row, rank);
          boolean twice = other < row && contains(nearest, other, row);
          if (nearest.cosine(row, rank) > Math.max(0, leastCosine) && !twice) {
            edges.from.append(row);
            edges.to.append(other);
            edges.weights.append(nearest.cosine(row, rank));
          }
        }
      }
      return edges;
    }

    private static boolean contains(NearestDirections nearest, int row, int neighbour) {
      for (int rank = 0; rank < nearest.each(); rank++) {
        if (nearest.neighbour(row, rank) == neighbour) {
          return true;
        }
      }
      return false;
    }

    int size() {
      return Math.toIntExact(from.size());
    }

    /** The community of each node. Modularity is the constant Potts model of weighted nodes. */
    int[] communities(double resolution, long seed) {
      Network network =
          new Network(nodes, true, new LargeIntArray[] {from, to}, weights, false, false);
      double perWeight = resolution / (2 * network.getTotalEdgeWeight());
      Clustering found =
          new LeidenAlgorithm(
                  perWeight, ITERATIONS, LeidenAlgorithm.DEFAULT_RANDOMNESS, new Random(seed))
              .findClustering(network);
      return found.getClusters();
    }
  }
}
